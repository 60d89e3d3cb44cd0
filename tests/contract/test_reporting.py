"""The views of the schema `reporting` tell what the events and answers come to, and of nobody who they are."""

import math
import re
from collections import Counter, defaultdict
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from schemas.journey import JourneyVersion, parse_journey
from services.store.journeys import apply_journey
from tests.conftest import CHECKOUT
from tests.counted import Counted
from tests.drawn import LOKET, MIDNIGHT, answer, event, loket

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
PERSONAL = {"customer_id", "customer", "case_id", "employee", "persona", "channel", "text", "digest", "attributes"}
QUANTILES = """
SELECT percentile::float, min(seconds)::float AS seconds
FROM (
    SELECT seconds, sum(sum(n)) OVER (ORDER BY seconds) AS up_to, sum(sum(n)) OVER () AS n
    FROM reporting.fact_throughput WHERE span = 'beslistermijn' GROUP BY seconds
) AS ranked, (VALUES (0.5), (0.9)) AS wanted (percentile)
WHERE up_to >= percentile * n
GROUP BY percentile ORDER BY percentile
"""


@pytest.fixture
async def filled(counted: Counted) -> Counted:
    """Thirty cases, case N of which is decided N hours after its request, an hour after midnight in Amsterdam."""
    await counted.count(
        *(
            event(touchpoint, minute, case_id=f"Z-{number}", customer=f"klant-{number}", persona="p", department=where)
            for number in range(1, 31)
            for touchpoint, minute, where in (("aanvraag", 0, "KCC"), ("besluit", 60 * number, None))
        ),
    )
    for numbers in (range(1, 21), range(21, 24)):
        await counted.count(
            *(answer("besluit", 60 * 48 + each, case_id=f"Z-{each}", score=each % 10 + 1) for each in numbers)
        )
        while await counted.store.release(5):
            pass
    return counted


async def test_volume_by_day_and_hour(filled: Counted) -> None:
    days: Counter[str] = Counter()
    for number in range(1, 31):
        days[(MIDNIGHT + timedelta(hours=number)).astimezone(AMSTERDAM).date().isoformat()] += 1
    found = filled.rows(
        """SELECT date::text, n::integer FROM reporting.fact_day
           WHERE measure = 'volume' AND touchpoint = 'besluit' AND department = ''"""
    )
    totals: Counter[str] = Counter()
    for row in found:
        totals[row["date"]] += row["n"]
    assert totals == days
    hours = filled.rows(
        """SELECT count(DISTINCT hour) AS hours, sum(n)::integer AS n, min(hour) AS first FROM reporting.fact_hour
           WHERE measure = 'volume' AND touchpoint = 'besluit'"""
    )
    assert hours == [{"hours": 30, "n": 30, "first": MIDNIGHT + timedelta(hours=1)}]


async def test_throughput_adds_up_and_its_percentiles_can_be_found(filled: Counted) -> None:
    (summed,) = filled.rows(
        """SELECT sum(n)::integer AS n, sum(total)::bigint AS total FROM reporting.fact_day
           WHERE measure = 'throughput' AND span = 'beslistermijn'"""
    )
    assert summed == {"n": 30, "total": sum(range(1, 31)) * 3_600_000}
    found = {row["percentile"]: row["seconds"] for row in filled.rows(QUANTILES)}
    for percentile, rank in ((0.5, 15), (0.9, 27)):
        assert math.isclose(found[percentile], rank * 3600, rel_tol=0.01)


async def test_scores_are_those_of_whole_lots(filled: Counted) -> None:
    """Of 23 answers about visits that all stand alike, 20 are in lots of five; the last three wait."""
    (row,) = filled.rows(
        """SELECT sum(n)::integer AS n, sum(points)::integer AS points, sum(squared_points)::integer AS squares,
                  sum(promoters)::integer AS promoters FROM reporting.fact_score WHERE measure = 'satisfaction'"""
    )
    given = [number % 10 + 1 for number in range(1, 21)]
    assert row == {"n": 20, "points": sum(given), "squares": sum(each**2 for each in given), "promoters": None}


async def test_nps_has_promoters_and_detractors(counted: Counted) -> None:
    (first,) = (JourneyVersion(version=1, valid_from=MIDNIGHT - timedelta(days=99), journey=loket()),)
    counted.empty(first)
    given = [0, 6, 7, 8, 9, 10, 10]
    await counted.count(event("besluit", 0))
    await counted.count(
        *(answer("besluit", 10 + place, question="nps", score=score) for place, score in enumerate(given))
    )
    await counted.store.release(len(given))
    assert counted.rows("SELECT n, promoters, detractors FROM reporting.fact_score WHERE measure = 'nps'") == [
        {"n": 7, "promoters": 3, "detractors": 2}
    ]


async def test_cases_have_numbers_and_no_names(filled: Counted) -> None:
    found = filled.rows("SELECT * FROM reporting.fact_case ORDER BY closed_at")
    assert [(row["closed_at"] - row["opened_at"]) // timedelta(hours=1) for row in found] == [*range(1, 31)]
    assert {row["last_touchpoint"] for row in found} == {"besluit"}


async def test_dimensions_are_those_of_the_newest_version_that_has_them(counted: Counted) -> None:
    changed = LOKET.replace("{id: vraag, name: Vraag}", "{id: balie, name: {nl: Aan de balie, en: At the desk}}")
    apply_journey(counted.database_url, parse_journey(changed.replace("limit: P8W", "limit: P6W")))
    found = counted.rows("SELECT touchpoint, version, phase_number, touchpoint_number FROM reporting.dim_touchpoint")
    places = {row["touchpoint"]: (row["version"], row["phase_number"], row["touchpoint_number"]) for row in found}
    assert places["vraag"] == (1, 1, 1)
    assert places["balie"] == (2, 1, 1)
    assert places["besluit"] == (2, 2, 1)
    assert counted.rows('SELECT span, "limit" FROM reporting.dim_span ORDER BY span') == [
        {"span": "beslistermijn", "limit": timedelta(weeks=6)},
        {"span": "case", "limit": None},
    ]


async def test_every_fact_finds_its_dimensions(filled: Counted) -> None:
    lost = """
        SELECT count(*) AS n FROM reporting.{fact} f
        LEFT JOIN reporting.dim_touchpoint t ON t.journey = f.journey AND t.touchpoint = f.touchpoint
        LEFT JOIN reporting.dim_department d ON d.department = f.department
        LEFT JOIN reporting.dim_date c ON c.date = f.date
        WHERE t.version IS NULL OR d.given IS NULL OR c.year IS NULL"""
    for fact in ("fact_day", "fact_throughput", "fact_score"):
        assert filled.rows(f"SELECT count(*) > 0 AS any FROM reporting.{fact}") == [{"any": True}]
        assert filled.rows(lost.format(fact=fact)) == [{"n": 0}]


def test_every_view_says_what_it_is_and_no_column_is_personal(counted: Counted) -> None:
    found = counted.rows(
        """SELECT c.relname AS view, obj_description(c.oid) AS said, array_agg(a.attname::text) AS columns
           FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
           WHERE c.relnamespace = 'reporting'::regnamespace GROUP BY c.oid"""
    )
    assert [row["view"] for row in found if not row["said"]] == []
    columns: dict[str, set[str]] = defaultdict(set)
    for row in found:
        columns[row["view"]] |= {*row["columns"]} & PERSONAL
    told = {view: names for view, names in columns.items() if names}
    assert told == {"fact_score_segment": {"channel", "persona"}}, "in groups of 20 scores and more"


async def test_the_queries_of_the_document_run(filled: Counted) -> None:
    queries = re.findall(r"```sql\n(.*?)```", (CHECKOUT / "docs" / "reporting.md").read_text(), re.DOTALL)
    means, outcomes, percentiles = (filled.rows(query) for query in queries)
    assert [(row["month_begins"].isoformat(), row["name_en"], row["n"]) for row in means] == [
        ("2026-03-01", "Besluit", 20)
    ]
    assert [(row["year"], row["outcome"], row["n"]) for row in outcomes] == [(2026, "", 20)]
    assert {(row["year"], row["quarter"], float(row["percentile"])) for row in percentiles} == {
        (2026, 1, 50.0),
        (2026, 1, 90.0),
    }


async def test_segments_are_told_from_twenty_scores_in_a_month_on(counted: Counted) -> None:
    """By the desk come 20 scores in March and 19 in April; by mail 19 and 21. All are shown, lot by lot."""
    given = {("balie", 3): 20, ("balie", 4): 19, ("e-mail", 3): 19, ("e-mail", 4): 21}
    days = {3: 1, 4: 40}
    for (channel, month), n in given.items():
        for place in range(n):
            case, minute = f"{channel}-{month}-{place}", days[month] * 1440 + place
            await counted.count(
                event("besluit", minute, case_id=case, channel=channel, persona="bewoner", department="KCC"),
                answer("besluit", minute + 1, case_id=case, score=place % 10 + 1),
            )
    while await counted.store.release(1):
        pass
    found = counted.rows(
        """SELECT channel, persona, extract(month FROM month_begins)::integer AS month, n, points::integer
           FROM reporting.fact_score_segment WHERE measure = 'satisfaction' ORDER BY channel"""
    )
    assert found == [
        {"channel": "balie", "persona": "bewoner", "month": 3, "n": 20, "points": 110},
        {"channel": "e-mail", "persona": "bewoner", "month": 4, "n": 21, "points": 111},
    ]
    (whole,) = counted.rows("SELECT sum(n)::integer AS n FROM reporting.fact_score WHERE measure = 'satisfaction'")
    assert whole == {"n": sum(given.values())}


async def test_events_are_told_by_case_and_whether_they_were_taken_back(counted: Counted) -> None:
    mistake = event("besluit", 2)
    await counted.count(event("aanvraag", 1, department="KCC"), mistake)
    await counted.count(event("besluit", 2, event_id="taken-back", voids=mistake.event_id))
    found = counted.rows(
        """SELECT e.occurred_at, e.touchpoint, e.department, taken_back, count(c.case_number)::integer AS cases
           FROM reporting.fact_event e LEFT JOIN reporting.fact_case c USING (journey, case_number)
           GROUP BY 1, 2, 3, 4 ORDER BY 1"""
    )
    assert [tuple(row.values()) for row in found] == [
        (MIDNIGHT + timedelta(minutes=1), "aanvraag", "KCC", False, 1),
        (MIDNIGHT + timedelta(minutes=2), "besluit", "", True, 1),
    ]


@pytest.mark.parametrize(("value", "left"), [(1.0, 1.0), (0.9, 0.5), (0.8, 0.0), (0.6, -1.0)])
def test_the_budget_of_a_term_is_what_is_left_of_its_misses(counted: Counted, value: float, left: float) -> None:
    """Of a norm of 80 % a fifth may miss: none missing leaves all of that, a tenth half, two fifths are double."""
    kpi = "{id: tijdig, name: Tijdig, measure: throughput, span: beslistermijn, norm: 0.8"
    drawn = (
        f"{LOKET}kpis:\n  - {kpi}}}\n  - {kpi.replace('tijdig', 'van-p')}, persona: p}}\npersonas: [{{id: p, name: P}}]"
    )
    since = MIDNIGHT - timedelta(days=99)
    counted.empty(JourneyVersion(version=1, valid_from=since, journey=parse_journey(drawn)))
    counted.change(
        f"""INSERT INTO kpi_states (journey, kpi, state, judged_at, shown_since, shown_n, shown_value)
            SELECT 'loket', kpi, 'on_norm', now(), now(), 30, {value} FROM unnest(ARRAY['tijdig', 'van-p']) AS kpi"""
    )
    (row,) = counted.rows("SELECT kpi, state, shown_n, budget_left::float FROM reporting.fact_kpi_standing")
    assert row.pop("budget_left") == pytest.approx(left)
    assert row == {"kpi": "tijdig", "state": "on_norm", "shown_n": 30}
