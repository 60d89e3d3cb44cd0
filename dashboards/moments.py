"""Moments of truth against their KPIs: how does each stand, what is left, and since when?"""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.board import board, journey, kpi, laid_out, with_menu
from dashboards.colours import BAD, CALM, GOOD, LIGHT, PLAIN, STATE_CODE, STATES_MEAN, states
from dashboards.improvements import OF_KPI, improved
from dashboards.months import ENOUGH, HALF_WIDTH, MEAN, at_midnight
from dashboards.panel import (
    Colours,
    Onward,
    Said,
    as_count,
    as_line,
    big_number,
    coloured,
    fixed,
    in_states,
    in_unit,
    leads_on,
    month_bars,
    rows,
    states_over_time,
)
from dashboards.query import Sql

_STANDING = "[Stand|State]"
_LIST = f"""
    SELECT {STATE_CODE} AS "{_STANDING}",
           t.name_[nl|en] AS "[Kritisch contactmoment|Moment of truth]", k.name_[nl|en] AS "KPI",
           s.shown_value AS "[Nu|Actual]", k.norm AS "[Norm|Objective]", s.shown_n AS "n",
           s.shown_since AS "[Sinds|Since]", s.budget_left AS "[Budget over|Budget left]",
           s.shown_value - k.norm AS "[Boven norm|Above norm]", k.owner AS "[Van wie|Owner]", k.kpi AS id
    FROM reporting.dim_touchpoint t
    JOIN reporting.dim_kpi k ON k.journey = t.journey
    LEFT JOIN reporting.dim_span p ON p.journey = k.journey AND p.span = k.span
    JOIN reporting.fact_kpi_standing s ON s.journey = k.journey AND s.kpi = k.kpi
    WHERE t.journey = ${{journey:sqlstring}} AND t.moment_of_truth AND coalesce(k.touchpoint, p.ends_at) = t.touchpoint
    ORDER BY 1 DESC, s.budget_left NULLS LAST, s.shown_value - k.norm
"""  # noqa: S608
_ONE = """
    SELECT {what} FROM reporting.dim_kpi k
    JOIN reporting.fact_kpi_standing s USING (journey, kpi)
    WHERE journey = ${{journey:sqlstring}} AND kpi = ${{kpi:sqlstring}}
"""
_SCORES = f"""
    SELECT {at_midnight("date_trunc('month', f.date)")} AS time,
           CASE WHEN sum(n) >= {ENOUGH} THEN {MEAN} END AS "[Cijfer|Score]",
           CASE WHEN sum(n) >= {ENOUGH} THEN {MEAN} - {HALF_WIDTH} END AS "[van|from]",
           CASE WHEN sum(n) >= {ENOUGH} THEN {MEAN} + {HALF_WIDTH} END AS "[tot|to]",
           min(k.norm) AS "[Norm|Objective]", sum(n) AS "n"
    FROM reporting.dim_kpi k
    JOIN reporting.fact_score f ON f.journey = k.journey AND f.touchpoint = k.touchpoint AND f.measure = k.measure
    WHERE k.journey = ${{journey:sqlstring}} AND k.kpi = ${{kpi:sqlstring}} AND $__timeFilter(f.date)
    GROUP BY 1
    UNION ALL
    SELECT {at_midnight("date_trunc('month', f.date)")}, sum(total)::numeric / sum(n), NULL, NULL, min(k.norm), sum(n)
    FROM reporting.dim_kpi k
    JOIN reporting.fact_day f ON f.journey = k.journey AND f.span = k.span AND f.measure = 'within'
    WHERE k.journey = ${{journey:sqlstring}} AND k.kpi = ${{kpi:sqlstring}} AND k.measure = 'throughput'
      AND $__timeFilter(f.date)
    GROUP BY 1
    ORDER BY 1
"""  # noqa: S608
_STATES = f"""
    SELECT greatest(since, $__timeFrom()::timestamptz) AS time, {STATE_CODE} AS "{_STANDING}"
    FROM reporting.fact_kpi_state
    WHERE journey = ${{journey:sqlstring}} AND kpi = ${{kpi:sqlstring}}
      AND since <= $__timeTo()::timestamptz AND coalesce(until, 'infinity') > $__timeFrom()::timestamptz
    ORDER BY 1
"""  # noqa: S608
_ABOVE = Colours(
    [(None, BAD), (0, GOOD)],
    "[Rood: minder dan de norm. Groen: de norm of meer. Of dat toeval is, zegt de stand.|Red: less than the objective. "
    "Green: the objective or more. Whether that is chance is what the state says.]",
)
_DEPARTMENT = Onward("[Wat is er veranderd?|What changed?]", "department")
_JOURNEY = Onward("[Waar in de klantreis?|Where in the journey?]", "journey")


def moments() -> Dashboard:
    """Draw it: all of them in a list, and the one that is chosen below."""
    drawn = board(
        "moments",
        "[Kritische contactmomenten en hun KPI's|Moments of truth against their KPIs]",
        "[Hoe staat elk kritisch contactmoment ervoor, en sinds wanneer?|How does each moment of truth stand, and "
        "since when?]",
        since="now-12M/M",
        refresh="1m",
    )
    with_menu(drawn).with_variable(journey()).with_variable(kpi())
    drawn.annotation(improved(OF_KPI))
    return laid_out(
        drawn,
        (10, [(24, _list())]),
        (5, [(6, _state()), (6, _actual()), (6, _norm()), (6, _left())]),
        (10, [(24, _over_time())]),
        (6, [(24, _states())]),
    )


def _list() -> object:
    said = Said(
        "[Alle kritische contactmomenten|All moments of truth]",
        "[Van elke KPI: het doel, sinds wanneer er wordt gemeten, wat het is, en wat er over is. Het budget is van een "
        "termijn: welk deel van de missers die de norm toestaat nog niet is gebruikt; onder 0 is het op. Klik op een "
        "KPI voor hoe het ging.|Of each KPI: the objective, since when it is measured, what it is, and what is left. "
        "The budget is a term's: which part of the misses that the objective allows has not been used; under 0 it is "
        "spent. Click a KPI for how it went.]",
        "none",
        _DEPARTMENT,
        Colours([(None, CALM)], STATES_MEAN),
        decimals=2,
    )
    table = in_states(rows(said, Sql(_LIST)), _STANDING, states())
    in_unit(table, "percentunit", "[Budget over|Budget left]", decimals=0)
    in_unit(table, "dateTimeAsLocal", "[Sinds|Since]")
    in_unit(table, "none", "n", decimals=0)
    coloured(table, "[Boven norm|Above norm]", _ABOVE)
    coloured(table, "[Budget over|Budget left]", _ABOVE)
    url = "/d/klantreis-moments[|-en]?var-journey=${journey}&var-kpi=${__data.fields.id}&${__url_time_range}"
    return leads_on(table, "KPI", "[Hoe ging het?|How did it go?]", url)


def _state() -> object:
    said = Said(
        "[Stand|State]",
        "[Hoe de toets over de gekozen KPI oordeelt.|What the test says of the chosen KPI.]",
        "none",
        _JOURNEY,
        Colours([(None, CALM)], STATES_MEAN),
    )
    return big_number(said, Sql(_ONE.format(what=f"{STATE_CODE} AS state"))).mappings([states()])


def _actual() -> object:
    said = Said(
        "[Nu|Actual]",
        "[Wat de KPI is sinds de toets begon, of sinds de laatste omslag, hoogstens 13 weken. Een aandeel is 0 tot 1."
        "|What the KPI came to since its test began, or since the last change, 13 weeks at most. A share is 0 to 1.]",
        "none",
        _DEPARTMENT,
        decimals=2,
    )
    return big_number(said, Sql(_ONE.format(what='s.shown_value AS "[Nu|Actual]"')))


def _norm() -> object:
    said = Said(
        "[Norm|Objective]",
        "[De norm uit het bestand van de klantreis.|The norm of the journey file.]",
        "none",
        _DEPARTMENT,
        decimals=2,
    )
    return big_number(said, Sql(_ONE.format(what='k.norm AS "[Norm|Objective]"')))


def _left() -> object:
    said = Said(
        "[Boven norm|Above norm]",
        "[Hoeveel de KPI boven zijn norm ligt, in de eenheid van de norm.|By how much the KPI lies above its norm, in "
        "the unit of the norm.]",
        "none",
        _DEPARTMENT,
        _ABOVE,
        decimals=2,
    )
    return big_number(said, Sql(_ONE.format(what='s.shown_value - k.norm AS "[Boven norm|Above norm]"')))


def _over_time() -> object:
    said = Said(
        "[De gekozen KPI per maand|The chosen KPI by month]",
        "[Per maand wat de KPI was, met van cijfers het 95 %-interval, en de norm als streepjeslijn. Onder 20 cijfers "
        "staat er geen staaf. De laatste maand loopt nog.|By month what the KPI came to, of scores with the 95 % "
        "interval, and the norm as a dashed line. Under 20 scores there is no bar. The last month is not over.]",
        "none",
        _DEPARTMENT,
        decimals=2,
    )
    drawn = month_bars(said, Sql(_SCORES, "time_series"))
    drawn.override_by_name("[Cijfer|Score]", [fixed(PLAIN)])
    as_line(drawn, LIGHT, "[van|from]", "[tot|to]")
    as_line(drawn, BAD, "[Norm|Objective]", dashed=True)
    return as_count(drawn, "n")


def _states() -> object:
    said = Said(
        "[Wat er van is gezegd|What was said of it]",
        "[Elke stand van de gekozen KPI, van wanneer tot wanneer.|Every state of the chosen KPI, from when to when.]",
        "none",
        _JOURNEY,
        Colours([(None, CALM)], STATES_MEAN),
    )
    return states_over_time(said, Sql(_STATES)).mappings([states()])
