"""Department review: what changed this month, and is it real? 26 months are there, twelve are shown at first."""

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery, Dashboard

from dashboards.board import board, channel, department, journey, laid_out, persona, touchpoint, with_menu
from dashboards.colours import BAD, CALM, GOOD, LIGHT, PLAIN, WATCH
from dashboards.control_chart import control_chart
from dashboards.improvements import OF_DEPARTMENTS, improved
from dashboards.months import ENOUGH, HALF_WIDTH, MEAN, RUNNING, TODAY, at_midnight
from dashboards.panel import (
    Colours,
    Onward,
    Said,
    as_count,
    as_dots,
    as_line,
    coloured,
    fixed,
    in_unit,
    leads_on,
    lines,
    month_bars,
    rows,
    words,
)
from dashboards.query import DATABASE, Sql

_CHOSEN = """journey = ${journey:sqlstring} AND department IN (${department:sqlstring})
      AND touchpoint IN (${touchpoint:sqlstring})"""
_MONTH = "date_trunc('month', date)::date"
_SCORE, _UNFINISHED, _NORM = "[Cijfer|Score]", "[Cijfer, maand loopt nog|Score, month not over]", "[Norm|Objective]"
_MONTHS = f"""
    SELECT {at_midnight("month")} AS time,
           CASE WHEN month < {RUNNING} THEN mean END AS "{_SCORE}",
           CASE WHEN month >= {RUNNING} THEN mean END AS "{_UNFINISHED}",
           mean - half AS "[van|from]", mean + half AS "[tot|to]",
           (SELECT avg(norm) FROM reporting.dim_kpi WHERE journey = ${{journey:sqlstring}} AND measure = 'satisfaction'
              AND touchpoint IN (${{touchpoint:sqlstring}})) AS "{_NORM}",
           n AS "n"
    FROM (
        SELECT {_MONTH} AS month, {MEAN} AS mean, {HALF_WIDTH} AS half, sum(n) AS n
        FROM reporting.fact_score
        WHERE {_CHOSEN} AND measure = 'satisfaction' AND $__timeFilter(date)
        GROUP BY 1 HAVING sum(n) >= {ENOUGH}
    ) AS months
    ORDER BY 1
"""  # noqa: S608 - put together of constants, as all below

_SIGNAL, _MIDDLE = "[Signaal|Signal]", "[Midden|Middle]"
_LOW, _HIGH = "[ondergrens|lower limit]", "[bovengrens|upper limit]"
_WEEKS = control_chart(_CHOSEN, {"value": _SCORE, "signal": _SIGNAL, "middle": _MIDDLE, "low": _LOW, "high": _HIGH})

_FIVE = 5
"""Under so many scores nothing is said at all."""


def _in_month(name: str, months_back: int) -> str:
    """Return SQL for the mean of a month, up to the day of the month that it is now, and what it is uncertain by."""
    begins = f"({RUNNING} - interval '{months_back} months')"
    within = f"FILTER (WHERE date >= {begins} AND date <= {TODAY} - interval '{months_back} months')"
    n, points = f"sum(n) {within}", f"sum(points) {within}"
    noise = f"greatest(sum(squared_points) {within} / {n} - ({points} / {n}) ^ 2, 0) / {n}"
    return f"{points} / {n} AS {name}, {n} AS {name}_n, {noise} AS {name}_noise"


# To the same day of the month, so that a running month is held against as much of the others.
_CHANGES = f"""
    SELECT touchpoint AS id, name_[nl|en] AS "[Contactmoment|Touchpoint]",
           CASE WHEN this_n >= {_FIVE} THEN this END AS "[Deze maand|This month]",
           CASE WHEN last_n >= {_FIVE} THEN last END AS "[Vorige maand|Last month]",
           CASE WHEN year_n >= {_FIVE} THEN year END AS "[Zelfde maand vorig jaar|Same month last year]",
           CASE WHEN this_n >= {_FIVE} AND last_n >= {_FIVE} THEN this - last END AS "[Verschil|Change]",
           CASE WHEN coalesce(least(this_n, last_n), 0) < {_FIVE} THEN '[nog te weinig|too few yet]'
                WHEN abs(this - last) > 1.96 * sqrt(this_noise + last_noise) THEN '[echt|real]'
                ELSE '[kan toeval zijn|may be chance]' END AS "[Is het echt?|Is it real?]",
           this_n AS "n"
    FROM (
        SELECT f.touchpoint, t.name_[nl|en],
               {_in_month("this", 0)},
               {_in_month("last", 1)},
               {_in_month("year", 12)}
        FROM reporting.fact_score f JOIN reporting.dim_touchpoint t USING (journey, touchpoint)
        WHERE journey = ${{journey:sqlstring}} AND f.department IN (${{department:sqlstring}})
          AND touchpoint IN (${{touchpoint:sqlstring}}) AND measure = 'satisfaction'
        GROUP BY f.touchpoint, t.name_[nl|en]
    ) AS compared
    WHERE this_n >= {_FIVE} OR last_n >= {_FIVE}
    ORDER BY 6 NULLS LAST
"""  # noqa: S608
_TIMELINESS = f"""
    SELECT {at_midnight(_MONTH)} AS time,
           CASE timeliness WHEN 'late' THEN '[te laat|late]' ELSE '[op tijd|in time]' END AS metric, {MEAN} AS value
    FROM reporting.fact_score
    WHERE {_CHOSEN} AND measure = 'satisfaction' AND timeliness IN ('late', 'in_time') AND $__timeFilter(date)
    GROUP BY 1, 2 HAVING sum(n) >= {_FIVE}
    ORDER BY 1
"""  # noqa: S608
_OUTCOME = f"""
    SELECT {at_midnight(_MONTH)} AS time,
           CASE WHEN outcome = 'other' THEN '[anders|other]' ELSE coalesce(o.name_[nl|en], outcome) END AS metric,
           {MEAN} AS value
    FROM reporting.fact_score LEFT JOIN reporting.dim_outcome o USING (journey, outcome)
    WHERE {_CHOSEN} AND measure = 'satisfaction' AND outcome <> '' AND $__timeFilter(date)
    GROUP BY 1, 2 HAVING sum(n) >= {_FIVE}
    ORDER BY 1
"""  # noqa: S608
_THROUGHPUT = f"""
    SELECT {at_midnight("month")} AS time,
           min(seconds) FILTER (WHERE up_to >= 0.5 * n) / 86400 AS "[mediaan|median]",
           min(seconds) FILTER (WHERE up_to >= 0.9 * n) / 86400 AS "p90", max(n) AS "n"
    FROM (
        SELECT {_MONTH} AS month, seconds, sum(sum(n)) OVER (PARTITION BY {_MONTH} ORDER BY seconds) AS up_to,
               sum(sum(n)) OVER (PARTITION BY {_MONTH}) AS n
        FROM reporting.fact_throughput
        WHERE journey = ${{journey:sqlstring}} AND span = 'case' AND $__timeFilter(date)
        GROUP BY {_MONTH}, seconds
    ) AS ranked
    WHERE n >= {_FIVE}
    GROUP BY month
    ORDER BY 1
"""  # noqa: S608
_RESPONSE = f"""
    SELECT {at_midnight("month")} AS time, answers::numeric / visits AS "[Respons|Response]" FROM (
        SELECT {_MONTH} AS month, sum(n) AS visits FROM reporting.fact_day
        WHERE {_CHOSEN} AND measure = 'volume' AND $__timeFilter(date)
          AND touchpoint IN (SELECT touchpoint FROM reporting.fact_score
                             WHERE journey = ${{journey:sqlstring}} AND measure = 'satisfaction')
        GROUP BY 1
    ) AS passed JOIN (
        SELECT {_MONTH} AS month, sum(n) AS answers FROM reporting.fact_score
        WHERE {_CHOSEN} AND measure = 'satisfaction' AND $__timeFilter(date)
        GROUP BY 1
    ) AS answered USING (month)
    ORDER BY 1
"""  # noqa: S608
_SEGMENTS = f"""
    SELECT touchpoint AS id, name_[nl|en] AS "[Contactmoment|Touchpoint]", channel AS "[Kanaal|Channel]",
           persona AS "Persona", {MEAN} AS "{_SCORE}", {HALF_WIDTH} AS "±", sum(n) AS "n"
    FROM reporting.fact_score_segment s JOIN reporting.dim_touchpoint t USING (journey, touchpoint)
    WHERE journey = ${{journey:sqlstring}} AND s.department IN (${{department:sqlstring}})
      AND touchpoint IN (${{touchpoint:sqlstring}}) AND channel IN (${{channel:sqlstring}})
      AND persona IN (${{persona:sqlstring}}) AND measure IN ('satisfaction', 'overall')
      AND $__timeFilter(month_begins)
    GROUP BY touchpoint, name_[nl|en], channel, persona
    ORDER BY {MEAN}
"""  # noqa: S608
_TURNS = """
    SELECT since AS time, k.name_[nl|en] || ': ' || CASE state
               WHEN 'below_norm' THEN '[onder norm|below norm]' ELSE '[op norm|on norm]' END AS text,
           state AS tags
    FROM reporting.fact_kpi_state s JOIN reporting.dim_kpi k USING (journey, kpi)
    WHERE journey = ${journey:sqlstring} AND state IN ('below_norm', 'on_norm') AND $__timeFilter(since)
    ORDER BY 1
"""
_DEFINITIONS = """\
[- **Cijfer**: het gemiddelde van wat klanten gaven, op de schaal van de vraag, met zijn 95 %-interval. Onder 20 is er \
geen. Nieuwe cijfers komen er in groepjes bij.
- **Echt**: het verschil is groter dan toeval bij deze aantallen in 95 van de 100 keer laat zien. Wie twintig regels \
bekijkt, ziet er dus gemiddeld een ten onrechte. Of een KPI onder zijn norm ligt, zegt de toets van de KPI.
- **Deze maand** loopt nog, en wordt met even veel dagen van de andere maanden vergeleken.
- **Op tijd**: het contact kwam binnen zijn termijn. **Doorlooptijd**: van de hele zaak, zonder pauzes.
- **Respons**: cijfers op honderd contacten waarover naar een cijfer wordt gevraagd.
- **Uitkomst**: hoe de zaak was afgelopen toen de klant het contact had. Een weigering scoort laag, hoe goed de dienst \
ook was.\
|- **Score**: the mean of what customers gave, on the scale of the question, with its 95 % interval. Under 20 there is \
none. New scores come in lots.
- **Real**: the change is larger than chance shows 95 times in 100 with so many answers. So of twenty rows one is \
wrong on average. Whether a KPI is below its norm is what the KPI's test says.
- **This month** is not over, and is held against as many days of the others.
- **In time**: the contact came within its term. **Throughput**: of the whole case, without pauses.
- **Response**: scores out of a hundred contacts that are asked about.
- **Outcome**: how the case had come out when the customer had the contact. A refusal scores low, however good the \
service.]"""
_PLAIN = Colours([(None, PLAIN)], "[De kleur zegt welke reeks het is.|The colour says which series it is.]")
_CHANGE = Colours(
    [(None, BAD), (-0.3, WATCH), (0, GOOD)],
    "[Rood: meer dan 0,3 gedaald. Oranje: gedaald. Groen: gelijk of gestegen.|Red: down by more than 0.3. "
    "Orange: down. Green: level or up.]",
)
_MOMENTS = Onward("[Halen ze hun norm?|Do they meet their norm?]", "moments")
_JOURNEY = Onward("[Waar in de klantreis?|Where in the journey?]", "journey")
_VALIDATION = Onward("[Waar komt dit vandaan?|Where is this from?]", "validation")


def department_review() -> Dashboard:
    """Draw it: the largest changes first, then months, then what may explain them, last what words mean."""
    drawn = board(
        "department",
        "[Trendbespreking van de afdeling|Department review]",
        "[Wat is er veranderd, en is het echt?|What changed, and is it real?]",
        since="now-12M/M",
        refresh="15m",
    )
    with_menu(drawn)
    for variable in (journey(), department(), touchpoint(), channel(), persona()):
        drawn.with_variable(variable)
    drawn.annotation(_turns()).annotation(improved(OF_DEPARTMENTS))
    return laid_out(
        drawn,
        (9, [(24, _changes())]),
        (11, [(24, _months())]),
        (11, [(24, _weeks())]),
        (9, [(12, _timeliness()), (12, _outcome())]),
        (9, [(12, _throughput()), (12, _response())]),
        (9, [(24, _segments())]),
        (
            7,
            [
                (
                    24,
                    words(
                        "[Wat de woorden betekenen|What words mean]",
                        "[Definities.|Definitions.]",
                        _VALIDATION,
                        _DEFINITIONS,
                    ),
                )
            ],
        ),
    )


def _turns() -> AnnotationQuery:
    annotation = AnnotationQuery().name("[Omslag van een KPI|Turn of a KPI]").datasource(DATABASE).enable(True)
    return annotation.hide(False).icon_color(BAD).target(Sql(_TURNS))


def _changes() -> object:
    said = Said(
        "[Grootste verslechtering eerst|Worst change first]",
        "[Elk contactmoment: deze maand tegen vorige maand en dezelfde maand vorig jaar, telkens tot en met dezelfde "
        "dag. De kolom 'is het echt?' zegt of het meer is dan toeval. Vanaf 5 cijfers.|Each touchpoint: this month "
        "against last month and the same month last year, each up to the same day. 'Is it real?' says whether it is "
        "more than chance. From 5 scores on.]",
        "none",
        _MOMENTS,
        _CHANGE,
        decimals=1,
    )
    table = coloured(rows(said, Sql(_CHANGES)), "[Verschil|Change]", _CHANGE)
    in_unit(table, "none", "n", decimals=0)
    return _to_validation(table)


def _months() -> object:
    said = Said(
        "[Cijfer per maand|Score by month]",
        "[Per maand het gemiddelde cijfer, zijn 95 %-interval (dunne lijnen) en de norm (streepjeslijn: het gemiddelde "
        "van de normen van de gekozen contactmomenten). n staat in de legenda. Een maand met minder dan 20 cijfers "
        "heeft geen staaf; de lopende maand is licht.|By month the mean score, its 95 % interval (thin lines) and the "
        "objective (dashed: the mean of the norms of the chosen touchpoints). n is in the legend. A month of fewer "
        "than 20 scores has no bar; the running month is light.]",
        "none",
        _MOMENTS,
        _PLAIN,
        decimals=1,
    )
    drawn = month_bars(said, Sql(_MONTHS, "time_series")).min(1).max(10)
    drawn.override_by_name(_SCORE, [fixed(PLAIN)]).override_by_name(_UNFINISHED, [fixed(LIGHT)])
    as_line(drawn, CALM, "[van|from]", "[tot|to]")
    as_line(drawn, BAD, _NORM, dashed=True)
    return as_count(drawn, "n")


def _weeks() -> object:
    said = Said(
        "[Regelkaart per week|Control chart by week]",
        "[Het gemiddelde cijfer per week tegen de grenzen waarbinnen toeval het houdt, uit de eerste 24 weken met een "
        "cijfer. Een signaal (rode stip) is een week buiten de grenzen, of een van acht op rij aan een kant van het "
        "midden. Een week met minder dan 20 cijfers, of die nog loopt, staat er niet in. Een nieuw uitgangspunt van de "
        "bespreking in de monitor geldt hier niet. Groene strepen: verbeteringen.|The mean score by week against the "
        "limits within which chance keeps it, of the first 24 weeks with a score. A signal (red dot) is a week beyond "
        "the limits, or one of eight in a row on one side of the middle. A week of fewer than 20 scores, or that still "
        "runs, is not in it. A new baseline of the monitor's review does not hold here. Green lines: improvements.]",
        "none",
        _MOMENTS,
        _PLAIN,
        decimals=1,
    )
    drawn = lines(said, Sql(_WEEKS, "time_series"))
    drawn.override_by_name(_SCORE, [fixed(PLAIN)])
    as_line(drawn, CALM, _MIDDLE)
    as_line(drawn, CALM, _LOW, _HIGH, dashed=True)
    as_dots(drawn, BAD, _SIGNAL)
    return as_count(drawn, "n")


def _timeliness() -> object:
    said = Said(
        "[Op tijd of te laat|In time or late]",
        "[Het cijfer van wie op tijd werd geholpen, naast dat van wie te laat werd geholpen. Vanaf 5 cijfers.|The "
        "score of those who were served in time, beside that of those who were served late. From 5 scores on.]",
        "none",
        _JOURNEY,
        _PLAIN,
        decimals=1,
    )
    return lines(said, Sql(_TIMELINESS, "time_series")).min(1).max(10)


def _outcome() -> object:
    said = Said(
        "[Naar uitkomst|By outcome]",
        "[Het cijfer naar hoe de zaak was afgelopen. Een weigering scoort laag, hoe goed de dienst ook was: daalt "
        "alleen het cijfer van allen samen, dan zijn er meer weigeringen. Vanaf 5 cijfers.|The score by how the case "
        "had come out. A refusal scores low, however good the service: if only the score of all together falls, there "
        "are more refusals. From 5 scores on.]",
        "none",
        _JOURNEY,
        _PLAIN,
        decimals=1,
    )
    return lines(said, Sql(_OUTCOME, "time_series")).min(1).max(10)


def _throughput() -> object:
    said = Said(
        "[Doorlooptijd van hele zaken|Throughput of whole cases]",
        "[Van de zaken die in een maand eindigden: de helft duurde korter dan de mediaan, een op de tien langer dan "
        "p90. In dagen, zonder pauzes, van alle afdelingen.|Of the cases that ended in a month: half took less than "
        "the median, one in ten more than p90. In days, without pauses, of all departments.]",
        "d",
        _JOURNEY,
        _PLAIN,
        decimals=0,
    )
    return as_count(lines(said, Sql(_THROUGHPUT, "time_series")).min(0), "n")


def _response() -> object:
    said = Said(
        "[Respons|Response]",
        "[Hoeveel cijfers er zijn op de contacten waarover naar een cijfer wordt gevraagd. Daalt dit, dan zeggen de "
        "cijfers minder.|How many scores there are to the contacts that are asked about. If it falls, scores say "
        "less.]",
        "percentunit",
        _VALIDATION,
        _PLAIN,
        decimals=0,
    )
    return lines(said, Sql(_RESPONSE, "time_series")).min(0).max(1)


def _segments() -> object:
    said = Said(
        "[Naar kanaal en persona|By channel and persona]",
        "[Het cijfer (ook het totaalcijfer) per kanaal en persona, het laagste eerst. Alleen maanden waarin een groep "
        "20 cijfers of meer gaf, zodat het van niemand iets zegt.|The score (the overall one, too) by channel and "
        "persona, the lowest first. Only months in which a group gave 20 scores or more, so that it tells of nobody.]",
        "none",
        _JOURNEY,
        _PLAIN,
        decimals=1,
    )
    return _to_validation(in_unit(rows(said, Sql(_SEGMENTS)), "none", "n", decimals=0))


def _to_validation(table: object) -> object:
    url = "/d/klantreis-validation[|-en]?var-journey=${journey}&var-touchpoint=${__data.fields.id}&${__url_time_range}"
    return leads_on(table, "[Contactmoment|Touchpoint]", "[Waar komt dit vandaan?|Where is this from?]", url)
