"""Journey map: what do customers feel and how long do they wait, touchpoint by touchpoint?"""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.board import board, department, journey, laid_out, with_menu
from dashboards.colours import BAD, CALM, GOOD, WATCH
from dashboards.months import ENOUGH, MEAN
from dashboards.panel import Colours, Onward, Said, bars, coloured, in_unit, leads_on, merged, rows
from dashboards.query import Sql, in_rows

_TOUCHPOINT = "[Contactmoment|Touchpoint]"
_OVER_TOUCHPOINTS = """
    SELECT CASE WHEN moment_of_truth THEN '★ ' ELSE '' END || name_[nl|en] AS "[Contactmoment|Touchpoint]", {what}
    FROM reporting.dim_touchpoint t JOIN reporting.{fact} f USING (journey, touchpoint)
    WHERE journey = ${{journey:sqlstring}} AND measure = '{measure}' AND $__timeFilter(date)
      AND f.department IN (${{department:sqlstring}})
    GROUP BY touchpoint, name_[nl|en], moment_of_truth, phase_number, touchpoint_number
    HAVING sum(n) >= {least}
    ORDER BY phase_number, touchpoint_number
"""
_IDEAL = f"""
    SELECT touchpoint AS id, name_[nl|en] AS "{_TOUCHPOINT}", phase_name_[nl|en] AS "[Fase|Phase]",
           {MEAN} AS "[Cijfer|Score]", ideal AS "[Ideaal|Ideal]", {MEAN} - ideal AS "[Verschil|Difference]",
           importance AS "[Belang|Importance]", sum(n) AS "n"
    FROM reporting.dim_touchpoint t JOIN reporting.fact_score f USING (journey, touchpoint)
    WHERE journey = ${{journey:sqlstring}} AND measure = 'satisfaction' AND $__timeFilter(date)
      AND f.department IN (${{department:sqlstring}}) AND ideal IS NOT NULL
    GROUP BY touchpoint, name_[nl|en], phase_name_[nl|en], ideal, importance
    HAVING sum(n) >= {ENOUGH}
    ORDER BY ({MEAN} - ideal) * coalesce(importance, 5)
"""  # noqa: S608
_BOTTLENECKS = f"""
    SELECT touchpoint AS id, name_[nl|en] AS "{_TOUCHPOINT}",
           sum(total) / sum(sum(total)) OVER () AS "[Deel van alle wachttijd|Share of all waiting]",
           sum(total) / 86400000.0 / sum(n) AS "[Gemiddelde tussentijd|Mean gap]",
           extract(epoch FROM gap_limit) / 86400 AS "[Hoogstens|At most]",
           CASE initiator WHEN 'customer' THEN '[klant|customer]' ELSE '[organisatie|organisation]' END
               AS "[Aan wie is het|Whose turn it is]",
           sum(n) AS "n"
    FROM reporting.dim_touchpoint t JOIN reporting.fact_day f USING (journey, touchpoint)
    WHERE journey = ${{journey:sqlstring}} AND measure = 'gap' AND $__timeFilter(date)
      AND f.department IN (${{department:sqlstring}})
    GROUP BY touchpoint, name_[nl|en], gap_limit, initiator
    HAVING sum(total) > 0
    ORDER BY sum(total) DESC
"""  # noqa: S608
_FELT = Colours(
    [(None, BAD), (-0.5, WATCH), (0.5, GOOD)],
    "[Rood onder -0,5, oranje tot 0,5, groen daarboven.|Red under -0.5, orange up to 0.5, green above.]",
)
_BELOW_IDEAL = Colours(
    [(None, BAD), (-1, WATCH), (0, GOOD)],
    "[Rood: meer dan een punt onder het ideaal. Oranje: eronder. Groen: gehaald.|Red: more than a point under the "
    "ideal. Orange: under it. Green: reached.]",
)
_SHARE = Colours(
    [(None, CALM), (0.2, WATCH), (0.4, BAD)],
    "[Oranje vanaf een vijfde van alle wachttijd, rood vanaf twee vijfde.|Orange from a fifth of all waiting on, red "
    "from two fifths.]",
)
_MOMENTS = Onward("[Halen ze hun norm?|Do they meet their norm?]", "moments")
_DEPARTMENT = Onward("[Wat is er veranderd?|What changed?]", "department")
_VALIDATION = Onward("[Waar komt dit vandaan?|Where is this from?]", "validation")
_TO_VALIDATION = (
    "/d/klantreis-validation[|-en]?var-journey=${journey}&var-touchpoint=${__data.fields.id}&${__url_time_range}"
)


def journey_map() -> Dashboard:
    """Draw it: feelings, volume and time along the touchpoints, then where it hurts most."""
    drawn = board(
        "journey",
        "[Kaart van de klantreis|Journey map]",
        "[Wat voelen klanten en hoe lang wachten zij, van contactmoment tot contactmoment?|What do customers feel and "
        "how long do they wait, from touchpoint to touchpoint?]",
        since="now-12M/M",
        refresh="5m",
    )
    with_menu(drawn).with_variable(journey()).with_variable(department())
    return laid_out(
        drawn,
        (9, [(24, _feelings())]),
        (8, [(24, _scores())]),
        (8, [(12, _volume()), (12, _gaps())]),
        (9, [(24, _waits())]),
        (10, [(12, _bottlenecks()), (12, _ideal())]),
    )


def _feelings() -> object:
    said = Said(
        "[Emotiecurve|Emotion curve]",
        "[Wat klanten zeiden te voelen, van -2 tot +2: het gemiddelde van een eigen vraag, niet afgeleid uit cijfers. "
        "In de volgorde van de klantreis; ★ is een kritisch contactmoment. Onder 20 antwoorden staat er niets.|What "
        "customers said they felt, from -2 to +2: the mean of a question of its own, not inferred from scores. In the "
        "order of the journey; ★ is a moment of truth. Under 20 answers there is nothing.]",
        "none",
        _MOMENTS,
        _FELT,
        decimals=1,
    )
    asked = _along("fact_score", "emotion", f'{MEAN} AS "[Gevoel|Feeling]"', ENOUGH)
    return bars(said, _TOUCHPOINT, asked).min(-2).max(2)


def _scores() -> object:
    said = Said(
        "[Waarderingslijn|Score curve]",
        "[Het gemiddelde cijfer van elk contactmoment, naast het ideaal, van 1 tot 10.|The mean score of each "
        "touchpoint beside its ideal, from 1 to 10.]",
        "none",
        _MOMENTS,
        decimals=1,
    )
    what = f'{MEAN} AS "[Cijfer|Score]", max(ideal) AS "[Ideaal|Ideal]"'
    return bars(said, _TOUCHPOINT, _along("fact_score", "satisfaction", what, ENOUGH)).min(1).max(10)


def _volume() -> object:
    said = Said(
        "Volume",
        "[Hoe vaak klanten langs elk contactmoment kwamen.|How often customers passed each touchpoint.]",
        "none",
        _VALIDATION,
    )
    return bars(said, _TOUCHPOINT, _along("fact_day", "volume", 'sum(n) AS "[Contacten|Contacts]"', 1))


def _gaps() -> object:
    said = Said(
        "[Tussentijd|Gap]",
        "[De gemiddelde tijd sinds het vorige contact van de zaak, in dagen.|The mean time since the case's previous "
        "contact, in days.]",
        "d",
        _DEPARTMENT,
        decimals=1,
    )
    what = 'sum(total) / 86400000.0 / sum(n) AS "[Tussentijd|Gap]"'
    return bars(said, _TOUCHPOINT, _along("fact_day", "gap", what, 5))


def _waits() -> object:
    said = Said(
        "[Tussentijd van de laatste 28 dagen: mediaan en p90|Gap over the last 28 days: median and p90]",
        "[De helft wachtte korter dan de mediaan, een op de tien langer dan p90. Van alle afdelingen.|Half waited for "
        "less than the median, one in ten for longer than p90. Of all departments.]",
        "s",
        _DEPARTMENT,
        decimals=0,
    )
    of = 'max by (touchpoint) (klantreis_gap_{}_seconds{{journey="$journey",window="28d"}})'
    names = {"touchpoint": _TOUCHPOINT, "Value #A": "[mediaan|median]", "Value #B": "p90"}
    return merged(rows(said, in_rows(of.format("median")), in_rows(of.format("p90"), ref_id="B")), names)


def _bottlenecks() -> object:
    said = Said(
        "[Knelpunten|Bottlenecks]",
        "[Waar de meeste wachttijd zit, over alle zaken bij elkaar. De tussentijd is die voor het contactmoment, in "
        "dagen, en hoogstens wat het bestand van de klantreis toestaat.|Where most of the waiting is, over all cases "
        "together. The gap is the one before the touchpoint, in days, and at most what the journey file allows.]",
        "none",
        _DEPARTMENT,
        _SHARE,
        decimals=1,
    )
    table = rows(said, Sql(_BOTTLENECKS))
    in_unit(table, "percentunit", "[Deel van alle wachttijd|Share of all waiting]", decimals=0)
    in_unit(table, "d", "[Gemiddelde tussentijd|Mean gap]", "[Hoogstens|At most]", decimals=1)
    in_unit(table, "none", "n", decimals=0)
    coloured(table, "[Deel van alle wachttijd|Share of all waiting]", _SHARE)
    return leads_on(table, _TOUCHPOINT, "[Waar komt dit vandaan?|Where is this from?]", _TO_VALIDATION)


def _ideal() -> object:
    said = Said(
        "[Verschil met het ideaal|Gap to the ideal]",
        "[Hoever het cijfer van het ideaal is, gewogen met het belang: wat bovenaan staat, levert het meest op.|How "
        "far the score is from the ideal, weighed by importance: what stands first is worth most.]",
        "none",
        _MOMENTS,
        _BELOW_IDEAL,
        decimals=1,
    )
    table = coloured(rows(said, Sql(_IDEAL)), "[Verschil|Difference]", _BELOW_IDEAL)
    in_unit(table, "none", "n", decimals=0)
    return leads_on(table, _TOUCHPOINT, "[Waar komt dit vandaan?|Where is this from?]", _TO_VALIDATION)


def _along(fact: str, measure: str, what: str, least: int) -> Sql:
    return Sql(_OVER_TOUCHPOINTS.format(what=what, fact=fact, measure=measure, least=least))
