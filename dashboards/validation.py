"""Validation: how did each figure come about? From days to hours to the events that they count."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.board import board, department, journey, laid_out, touchpoint, with_menu
from dashboards.colours import BAD, GOOD
from dashboards.improvements import OF_DEPARTMENTS, improved
from dashboards.panel import CALM_COLOUR, Colours, Onward, Said, big_number, coloured, in_unit, lines, rows
from dashboards.query import Sql, now

_CHOSEN = """journey = ${journey:sqlstring} AND touchpoint IN (${touchpoint:sqlstring})
          AND department IN (${department:sqlstring})"""
_DAYS = "(date >= $__timeFrom()::date AND date < $__timeTo()::date)"
_COUNTS = f"""
    SELECT name_[nl|en] AS "[Contactmoment|Touchpoint]", coalesce(events, 0) AS "[Gebeurtenissen|Events]",
           coalesce(days, 0) AS "[Dagen|Days]", coalesce(days, 0) - coalesce(events, 0) AS "[Verschil|Difference]"
    FROM reporting.dim_touchpoint
    LEFT JOIN (
        SELECT touchpoint, sum(n) AS days FROM reporting.fact_day
        WHERE {_CHOSEN} AND measure = 'volume' AND {_DAYS}
        GROUP BY touchpoint
    ) AS by_day USING (touchpoint)
    LEFT JOIN (
        SELECT touchpoint, count(*) AS events FROM (
            SELECT touchpoint, (occurred_at AT TIME ZONE time_zone)::date AS date
            FROM reporting.fact_event JOIN reporting.dim_journey USING (journey)
            WHERE {_CHOSEN} AND NOT taken_back
        ) AS dated
        WHERE {_DAYS}
        GROUP BY touchpoint
    ) AS by_event USING (touchpoint)
    WHERE journey = ${{journey:sqlstring}} AND coalesce(events, days) IS NOT NULL
    ORDER BY abs(coalesce(days, 0) - coalesce(events, 0)) DESC, phase_number, touchpoint_number
"""  # noqa: S608
_OF_DAYS = f"""
    SELECT date::timestamp AT TIME ZONE 'UTC' AS time, sum(n) AS "[Dagen|Days]" FROM reporting.fact_day
    WHERE {_CHOSEN} AND measure = 'volume' AND {_DAYS}
    GROUP BY 1 ORDER BY 1
"""  # noqa: S608
_OF_HOURS = f"""
    SELECT date::timestamp AT TIME ZONE 'UTC' AS time, n AS "[Uren|Hours]" FROM (
        SELECT (hour AT TIME ZONE time_zone)::date AS date, sum(n) AS n
        FROM reporting.fact_hour JOIN reporting.dim_journey USING (journey)
        WHERE {_CHOSEN} AND measure = 'volume'
        GROUP BY 1
    ) AS by_hour
    WHERE {_DAYS}
    ORDER BY 1
"""  # noqa: S608
_SCORES = f"""
    SELECT measure AS "[Maat|Measure]", sum(n) AS "n", sum(points) AS "[Punten|Points]",
           sum(points) / sum(n) AS "[Gemiddelde|Mean]", min(date)::text AS "[Van|From]", max(date)::text AS "[Tot|To]"
    FROM reporting.fact_score
    WHERE {_CHOSEN} AND $__timeFilter(date)
    GROUP BY measure HAVING sum(n) >= 5 ORDER BY 2 DESC
"""  # noqa: S608
_LATEST = """
    SELECT occurred_at AS "[Wanneer|When]", name_[nl|en] AS "[Contactmoment|Touchpoint]",
           e.department AS "[Afdeling|Department]", e.case_number AS "[Zaak|Case]",
           CASE WHEN taken_back THEN '[teruggenomen|taken back]' ELSE '[telt|counts]' END AS "[Telt het?|Counted?]"
    FROM reporting.fact_event e JOIN reporting.dim_touchpoint t USING (journey, touchpoint)
    WHERE journey = ${journey:sqlstring} AND touchpoint IN (${touchpoint:sqlstring})
      AND e.department IN (${department:sqlstring}) AND $__timeFilter(occurred_at)
    ORDER BY occurred_at DESC LIMIT 200
"""
_CASES = """
    SELECT count(*) AS "[Zaken|Cases]" FROM reporting.fact_case
    WHERE journey = ${journey:sqlstring} AND $__timeFilter(opened_at)
"""
_EQUAL = Colours(
    [(None, BAD), (-0.5, GOOD), (0.5, BAD)],
    "[Groen: gelijk. Rood: niet gelijk, behalve van dagen waarvan de gebeurtenissen niet meer worden bewaard; "
    "klantreis rebuild --check zegt wat er anders is.|Green: equal. Red: not equal, but for days whose events are not "
    "kept any more; klantreis rebuild --check says what differs.]",
)
_REJECTED = Colours([(None, GOOD), (1, BAD)], "[Rood zodra er een is.|Red as soon as there is one.]")
_PIPELINE = Onward("[Wordt alles geteld?|Is everything counted?]", "pipeline")
_DEPARTMENT = Onward("[Wat is er veranderd?|What changed?]", "department")


def validation() -> Dashboard:
    """Draw it: whether sums agree, what they are made of, and the events themselves."""
    drawn = board(
        "validation",
        "[Controle: waar komt een cijfer vandaan?|Validation: where is a figure from?]",
        "[Hoe elk cijfer tot stand kwam, tot op de gebeurtenissen.|How each figure came about, down to events.]",
        since="now-30d",
        refresh="5m",
    )
    with_menu(drawn)
    for variable in (journey(), touchpoint(), department()):
        drawn.with_variable(variable)
    drawn.annotation(improved(OF_DEPARTMENTS))
    return laid_out(
        drawn,
        (5, [(12, _cases()), (12, _rejected())]),
        (10, [(12, _counts()), (12, _over_days())]),
        (8, [(24, _scores())]),
        (12, [(24, _latest())]),
    )


def _cases() -> object:
    said = Said(
        "[Zaken begonnen|Cases begun]",
        "[Hoeveel zaken er in de getoonde tijd begonnen: rijen van reporting.fact_case.|How many cases began in the "
        "time shown: rows of reporting.fact_case.]",
        "none",
        _DEPARTMENT,
        CALM_COLOUR,
    )
    return big_number(said, Sql(_CASES))


def _rejected() -> object:
    said = Said(
        "[Niet geteld|Not counted]",
        "[Wat ooit is geweigerd en dus in geen enkel cijfer zit, van alle klantreizen. klantreis rejects list zegt "
        "waarom.|What was ever rejected and so is in no figure, of all journeys. klantreis rejects list says why.]",
        "none",
        _PIPELINE,
        _REJECTED,
    )
    return big_number(said, now("sum(max by (reason) (klantreis_rejects_total))"))


def _counts() -> object:
    said = Said(
        "[Zijn de sommen gelijk?|Do sums agree?]",
        "[Van elk contactmoment hoeveel gebeurtenissen er zijn en hoeveel de vensters per dag er tellen, over hele "
        "dagen.|Of each touchpoint how many events there are, and how many the windows of days count, over whole "
        "days.]",
        "none",
        _PIPELINE,
        _EQUAL,
        decimals=0,
    )
    return coloured(rows(said, Sql(_COUNTS)), "[Verschil|Difference]", _EQUAL)


def _over_days() -> object:
    said = Said(
        "[Dag voor dag|Day by day]",
        "[Hoe vaak klanten langskwamen, uit de vensters per dag en uit die per uur: de lijnen vallen samen.|How often "
        "customers passed, by windows of days and by those of hours: the lines coincide.]",
        "none",
        _DEPARTMENT,
        CALM_COLOUR,
        decimals=0,
    )
    return lines(said, Sql(_OF_DAYS, "time_series"), Sql(_OF_HOURS, "time_series", ref_id="B"))


def _scores() -> object:
    said = Said(
        "[Waaruit gemiddelden bestaan|What means are made of]",
        "[Van elke maat hoeveel cijfers er worden getoond, hun som, en wat die gedeeld door n is. Vanaf 5 cijfers.|Of "
        "each measure how many scores are shown, their sum, and what that divided by n is. From 5 scores on.]",
        "none",
        _DEPARTMENT,
        CALM_COLOUR,
        decimals=2,
    )
    return in_unit(rows(said, Sql(_SCORES)), "none", "n", "[Punten|Points]", decimals=0)


def _latest() -> object:
    said = Said(
        "[De gebeurtenissen zelf|The events themselves]",
        "[De laatste 200 in de getoonde tijd, zonder wie erbij was. Een zaak heeft hier een eigen nummer.|The last 200 "
        "in the time shown, without who was in them. A case has a number of its own here.]",
        "none",
        _PIPELINE,
        CALM_COLOUR,
        decimals=0,
    )
    return in_unit(rows(said, Sql(_LATEST)), "dateTimeAsLocal", "[Wanneer|When]")
