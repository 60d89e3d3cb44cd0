"""Team wallboard: what is wrong now? Ten tiles at most, to be read at five metres, nothing to be set."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, TimePicker

from dashboards.board import board, journey, laid_out
from dashboards.colours import BAD, CALM, GOOD, STATE_CODE, STATES_MEAN, WATCH, states
from dashboards.panel import CALM_COLOUR, Colours, Onward, Said, big_number, each_row, for_the_wall
from dashboards.query import Sql, now

STANDINGS = f"""
    SELECT name || coalesce(' ' || figure, '') AS name, state FROM (
        SELECT DISTINCT ON (t.touchpoint) '★ ' || t.name_[nl|en] AS name, {STATE_CODE} AS state,
               CASE WHEN s.state = 'too_few' THEN '(' || coalesce(s.shown_n, 0) || ' [tot nu|so far])'
                    WHEN k.measure IN ('throughput', 'gap')
                    THEN round(100 * s.shown_value) || ' % (norm ' || round(100 * k.norm) || ' %)'
                    ELSE translate(round(s.shown_value, 1)::text, '.', '[,|.]')
                         || ' (norm ' || translate(round(k.norm, 1)::text, '.', '[,|.]') || ')' END AS figure
        FROM reporting.dim_touchpoint t
        JOIN reporting.dim_kpi k ON k.journey = t.journey
        LEFT JOIN reporting.dim_span p ON p.journey = k.journey AND p.span = k.span
        JOIN reporting.fact_kpi_standing s ON s.journey = k.journey AND s.kpi = k.kpi
        WHERE t.journey = ${{journey:sqlstring}} AND t.moment_of_truth
          AND coalesce(k.touchpoint, p.ends_at) = t.touchpoint
        ORDER BY t.touchpoint, {STATE_CODE} DESC, k.kpi
    ) AS worst
    ORDER BY state DESC, name
    LIMIT 5
"""  # noqa: S608 - put together of constants

_TODAY = """
    SELECT coalesce(sum(n), 0) AS "[Contacten vandaag|Contacts today]"
    FROM reporting.fact_hour JOIN reporting.dim_journey USING (journey)
    WHERE journey = ${journey:sqlstring} AND measure = 'volume'
      AND hour >= date_trunc('day', now(), time_zone)
"""
_FRESH = Colours(
    [(None, GOOD), (10, WATCH), (30, BAD)],
    "[Groen tot 10 seconden, oranje tot 30, daarna rood: dan klopt het bord niet meer.|Green up to 10 seconds, orange "
    "up to 30, then red: the board is not right any more.]",
)
_LAG = Colours(
    [(None, GOOD), (10, WATCH), (60, BAD)],
    "[Groen tot 10 seconden, oranje tot een minuut, daarna rood.|Green up to 10 seconds, orange up to a minute, then "
    "red.]",
)
_WAITING = Colours(
    [(None, CALM), (21 * 86400, WATCH), (42 * 86400, BAD)],
    "[Grijs tot drie weken, oranje tot zes, daarna rood.|Grey up to three weeks, orange up to six, then red.]",
)
_PIPELINE = Onward("[Waar blijft het?|What holds it up?]", "pipeline")


def wallboard() -> Dashboard:
    """Draw it: the moments of truth above, the worst first, and what goes on below."""
    drawn = board(
        "wallboard",
        "[Wandbord van het team|Team wallboard]",
        "[Wat is er nu mis? Voor op de muur.|What is wrong now? For on the wall.]",
        since="now-24h",
        refresh="5s",
    )
    drawn.timepicker(TimePicker().hidden(True)).with_variable(journey(hidden=True))
    return laid_out(
        drawn,
        (16, [(24, _standings())]),
        (6, [(5, _today()), (5, _open()), (6, _oldest()), (4, _lag()), (4, _age())]),
    )


def _standings() -> object:
    said = Said(
        "[Kritische contactmomenten|Moments of truth]",
        "[Van elk kritisch contactmoment hoe de toets erover oordeelt, met het cijfer en de norm: het slechtste eerst, "
        "vijf hoogstens.|Of each moment of truth what the test says of it, with score and norm: the worst first, five "
        "at most.]",
        "none",
        Onward("[Hoe staan ze ervoor?|How do they stand?]", "moments"),
        Colours([(None, CALM)], STATES_MEAN),
    )
    rows = each_row(big_number(said, Sql(STANDINGS)), at_most=5).mappings([states()])
    return for_the_wall(rows, 36, 56)


def _today() -> object:
    said = Said(
        "[Contacten vandaag|Contacts today]",
        "[Hoeveel contacten er vandaag waren, sinds middernacht in de tijdzone van de klantreis.|How many contacts "
        "there were today, since midnight in the journey's time zone.]",
        "none",
        Onward("[Waar in de klantreis?|Where in the journey?]", "journey"),
        CALM_COLOUR,
    )
    return for_the_wall(big_number(said, Sql(_TODAY)), 32, 64)


def _open() -> object:
    said = Said(
        "[Wachtende zaken|Waiting cases]",
        "[Hoeveel zaken er open zijn.|How many cases are open.]",
        "none",
        Onward("[Waar in de klantreis?|Where in the journey?]", "journey"),
        CALM_COLOUR,
    )
    return for_the_wall(big_number(said, now('max(klantreis_cases_open{journey="$journey"})')), 32, 64)


def _oldest() -> object:
    said = Said(
        "[Langst wachtend|Waiting longest]",
        "[Hoe lang de open zaak die het langst wacht, al geen contact had.|How long the open case that waits longest "
        "has been without a contact.]",
        "s",
        Onward("[Waar in de klantreis?|Where in the journey?]", "journey"),
        _WAITING,
        decimals=0,
    )
    return for_the_wall(big_number(said, now('max(klantreis_oldest_waiting_seconds{journey="$journey"})')), 32, 64)


def _lag() -> object:
    said = Said(
        "[Achterstand|Lag]",
        "[Hoe lang de oudste gebeurtenis wacht die nog niet is geteld.|How long the oldest event waits that has not "
        "been counted.]",
        "s",
        _PIPELINE,
        _LAG,
        decimals=1,
    )
    return for_the_wall(big_number(said, now("max(klantreis_lag_seconds)")), 32, 64)


def _age() -> object:
    said = Said(
        "[Vers|Fresh]",
        "[Hoe oud de jongste cijfers zijn. Staat er 'geen gegevens', dan antwoordt geen enkele monitor.|How old the "
        "youngest figures are. If it says 'no data', no monitor answers.]",
        "s",
        _PIPELINE,
        _FRESH,
        decimals=1,
    )
    return for_the_wall(big_number(said, now("min(klantreis_snapshot_age_seconds)")), 32, 64)
