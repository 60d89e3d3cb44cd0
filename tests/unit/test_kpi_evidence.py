"""What a KPI is judged by: hours on the scale of its test, and the KPIs that a change of windows concerns."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.journey import Catalogue, Journey, JourneyVersion, parse_journey
from schemas.kpi import Kpi, ends
from streams.cusum import Bucket
from streams.kpi_evidence import (
    HourOfValues,
    buckets,
    coverage,
    coverage_shown,
    due,
    figure_of,
    first_bucket,
    norm_of_test,
)
from streams.observations import Scope
from streams.windows import Cell, Detail, Resolution, bin_of
from tests.drawn import LOKET

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR_MS = 3_600_000


def drawn(*kpis: str) -> Journey:
    text = LOKET.replace("id: aanvraag, name: Aanvraag}", "id: aanvraag, name: Aanvraag, gap_limit: PT10H}")
    return parse_journey(text + "kpis:\n" + "".join(f"  - {{name: K, {kpi}}}\n" for kpi in kpis))


def only(kpi: str) -> tuple[Kpi, Journey]:
    journey = drawn(f"id: k, {kpi}")
    return journey.kpis[0], journey


def hour(measure: str, n: int, total: int, bins: dict[int, int] | None = None, at: datetime = AT) -> HourOfValues:
    return HourOfValues(at, measure, n, total, bins or {})


@pytest.mark.parametrize(
    ("kpi", "measured", "expected"),
    [
        ("measure: satisfaction, norm: 7", [hour("satisfaction", 3, 21_000)], Bucket(AT, 3, 21_000)),
        # Effort runs from 1 to 7: a 4 lies halfway, at 5.5 on a scale of ten; twice.
        ("measure: effort, norm: 5", [hour("effort", 2, 8_000)], Bucket(AT, 2, 11_000)),
        # Emotion runs from -2 to 2: 0 lies halfway.
        ("measure: emotion, norm: 1", [hour("emotion", 2, 0)], Bucket(AT, 2, 11_000)),
        ("measure: expectation_met, norm: 0.8", [hour("expectation_met", 5, 4_000)], Bucket(AT, 5, 4_000)),
        ("measure: missed_message, norm: 0.1", [hour("missed_message", 5, 1_000)], Bucket(AT, 5, 4_000)),
        ("measure: throughput, span: beslistermijn, norm: 0.9", [hour("within", 5, 3)], Bucket(AT, 5, 3_000)),
        (
            "measure: complaints, norm: 0.1, touchpoint: vraag",
            [hour("volume", 9, 9), hour("complaints", 2, 2)],
            Bucket(AT, 9, 7_000),
        ),
        ("measure: complaints, norm: 0.1, touchpoint: vraag", [hour("complaints", 2, 2)], Bucket(AT, 0, -2_000)),
        # Two promoters, a passive and a detractor: 10 + 10 + 5.5 + 1.
        (
            "measure: nps, norm: 20",
            [hour("nps", 4, 0, {10_000: 1, 9_000: 1, 8_000: 1, 6_000: 1})],
            Bucket(AT, 4, 26_500),
        ),
        (
            "measure: gap, touchpoint: aanvraag, norm: 0.9",
            [hour("gap", 3, 0, {bin_of("gap", HOUR_MS * hours): 1 for hours in (1, 9, 12)})],
            Bucket(AT, 3, 2_000),
        ),
    ],
)
def test_hours_as_buckets(kpi: str, measured: list[HourOfValues], expected: Bucket) -> None:
    assert buckets(*only(kpi), measured, AT) == [expected]


def test_one_bucket_an_hour_in_order_of_time() -> None:
    later = AT + timedelta(hours=1)
    hours = [hour("satisfaction", 1, 9_000, at=later), hour("satisfaction", 1, 7_000), hour("satisfaction", 2, 8_000)]
    found = buckets(*only("measure: satisfaction, norm: 7"), hours, AT)
    assert found == [Bucket(AT, 3, 15_000), Bucket(later, 1, 9_000)]


@given(st.sampled_from(["satisfaction", "effort", "emotion", "importance"]), st.data())
def test_a_figure_is_the_mean_on_the_scale_of_its_norm(measure: str, data: st.DataObject) -> None:
    low, high = ends(measure)
    scores = data.draw(st.lists(st.integers(low, high), min_size=2, max_size=30))
    kpi, journey = only(f"measure: {measure}, norm: {low + 1}")
    n, value = figure_of(kpi, buckets(kpi, journey, [hour(measure, len(scores), 1000 * sum(scores))], AT))
    assert n == len(scores)
    assert value is not None
    assert abs(Fraction(value) - Fraction(sum(scores), n)) < Fraction(1, 500)


def test_the_norm_lies_where_a_mean_of_the_norm_would() -> None:
    assert norm_of_test(only("measure: effort, norm: 4")[0]) == 5_500
    assert norm_of_test(only("measure: nps, norm: 0")[0]) == 5_500
    assert norm_of_test(only("measure: throughput, span: beslistermijn, norm: 0.95")[0]) == 950
    assert norm_of_test(only("measure: missed_message, norm: 0.1")[0]) == 900


def test_of_volume_a_value_is_a_day_on_which_people_work() -> None:
    """Monday 24 visits, Tuesday none, Wednesday 36; Thursday is not over. A norm of 24 lies at 5 points."""
    text = LOKET + "working_hours: {monday-friday: 09:00-17:00}\n"
    text += "kpis:\n  - {id: k, name: K, measure: volume, norm: 24, direction: at_most}\n"
    journey = parse_journey(text)
    visits = [(0, 20), (5, 4), (48, 36), (72, 9)]
    hours = [hour("volume", n, n, at=AT + timedelta(hours=at)) for at, n in visits]
    weekend = [hour("volume", 99, 99, at=AT - timedelta(days=1))]
    found = buckets(journey.kpis[0], journey, [*weekend, *hours], AT + timedelta(days=3))
    midnights = [datetime(2026, 3, day, 23, tzinfo=UTC) for day in (1, 2, 3)]
    assert found == [Bucket(at, 1, total) for at, total in zip(midnights, (5_000, 0, 7_500), strict=True)]
    assert figure_of(journey.kpis[0], found) == (3, Decimal(20))
    assert first_bucket(journey.kpis[0], journey, AT) == midnights[0]


def test_of_one_value_there_is_no_figure() -> None:
    kpi, _ = only("measure: satisfaction, norm: 7")
    assert figure_of(kpi, [Bucket(AT, 1, 9_000)]) == (1, None)
    assert figure_of(kpi, []) == (0, None)


def test_a_share_that_is_to_be_small_is_told_as_it_is() -> None:
    kpi, _ = only("measure: missed_message, norm: 0.1")
    assert figure_of(kpi, [Bucket(AT, 4, 3_000)]) == (4, Decimal("0.25"))


def cell(hours: int, touchpoint: str, measure: str = "satisfaction", **more: str) -> Cell:
    names = {"span": "", "department": "KCC", "channel": "web", "persona": ""} | more
    scope = Scope("loket", measure, names["span"], touchpoint, names["department"], names["channel"], names["persona"])
    return Cell(Detail.WINDOWS, Resolution.HOUR, AT + timedelta(hours=hours), scope)


def test_which_kpis_a_change_concerns_and_from_when() -> None:
    journey = drawn(
        "id: besluit, measure: satisfaction, norm: 7, touchpoint: besluit",
        "id: fase, measure: satisfaction, norm: 7, phase: aanvraag",
        "id: alles, measure: satisfaction, norm: 7",
        "id: klachten, measure: complaints, norm: 0.1, touchpoint: vraag",
        "id: termijn, measure: throughput, norm: 0.9, span: beslistermijn",
    )
    catalogue = Catalogue([JourneyVersion(version=1, valid_from=AT, journey=journey)])

    def concerned(*cells: Cell) -> dict[str, int]:
        return {kpi: (since - AT) // timedelta(hours=1) for (_, kpi), since in due(cells, catalogue).items()}

    assert concerned(cell(2, "besluit"), cell(5, "vraag")) == {"besluit": 2, "alles": 2, "fase": 5}
    assert concerned(cell(1, "vraag", "volume")) == {"klachten": 1}
    assert concerned(cell(3, "vraag", "complaints"), cell(1, "besluit", "complaints")) == {"klachten": 3}
    assert concerned(cell(-4, "besluit", "within", span="beslistermijn")) == {"termijn": -4}
    assert concerned(cell(1, "besluit", "within", span="case")) == {}
    assert concerned(cell(1, "besluit")._replace(resolution=Resolution.DAY)) == {}
    assert concerned(cell(1, "besluit")._replace(detail=Detail.ROLLUPS)) == {}


def test_channel_and_persona_are_read_where_they_are_kept() -> None:
    text = LOKET.replace("name: Vraag}", "name: Vraag, channels: [web, post]}")
    text += "personas:\n  - {id: buur, name: Buur}\n"
    text += "kpis:\n  - {id: k, name: K, measure: satisfaction, norm: 7, channel: web, persona: buur}\n"
    journey = parse_journey(text)
    covered = coverage(journey.kpis[0], journey)
    assert covered.detail is Detail.WINDOWS
    assert covered.holds(cell(0, "vraag", persona="buur").scope)
    assert not covered.holds(cell(0, "vraag", persona="buur", channel="post").scope)
    assert not covered.holds(cell(0, "vraag").scope)
    assert coverage(*only("measure: satisfaction, norm: 7")).detail is Detail.ROLLUPS


def test_what_is_shown_is_what_is_released() -> None:
    assert coverage_shown(*only("measure: satisfaction, norm: 7")).measures == ("released satisfaction",)
    assert coverage_shown(*only("measure: complaints, norm: 0.1")).measures == ("complaints", "volume")
