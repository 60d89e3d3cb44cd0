"""How many closed cases followed the drawn map, where the others departed from it, and what that cost. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from schemas.journey import Journey
from schemas.question import THOUSANDTHS
from services.store.path_reading import Said, Variant, Variants
from streams.conformance import Departure, departures
from streams.departing_cost import difference
from streams.sample import Sample, together
from streams.scores import Estimate, share

_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Judged:
    """A variant whose touchpoints are known, and where its cases departed from the map."""

    variant: Variant
    touchpoints: tuple[str, ...]
    departures: Sequence[Departure]


@dataclass(frozen=True)
class PlaceOfDeparture:
    """How and where cases departed, how many did, and how much longer they took than those that followed the map.

    The difference is in milliseconds; None if there are too few of either.
    """

    departure: Departure
    cases: int
    longer: Estimate | None


@dataclass(frozen=True)
class ScoreCost:
    """What customers said whose case departed and whose case did not, and how much higher the former scored."""

    departing: Sample
    following: Sample
    higher: Estimate | None


@dataclass(frozen=True)
class ConformanceFigures:
    """Closed cases: all of them, those that could be judged, and those of these that followed the map.

    Times are in milliseconds.
    """

    cases: int
    judged: int
    following: int
    share: Estimate | None
    departing_took: Sample
    following_took: Sample
    longer: Estimate | None
    places: Sequence[PlaceOfDeparture]


def judged_variants(found: Variants, versions: Mapping[int, Journey]) -> Sequence[Judged]:
    """Hold each variant against the version of the journey that was valid when its cases were opened."""
    return [
        Judged(variant, variant.touchpoints, departures(variant.touchpoints, versions[variant.key.version]))
        for variant in found.commonest
        if variant.touchpoints is not None
    ]


def conformance_figures(cases: int, judged: Sequence[Judged], enough: int) -> ConformanceFigures:
    """Return what variants come to; no difference is told where there are under `enough` cases on either side."""
    following = together(each.variant.took for each in judged if not each.departures)
    departing = together(each.variant.took for each in judged if each.departures)
    by_place: dict[Departure, list[Sample]] = defaultdict(list)
    for each in judged:
        for departure in each.departures:
            by_place[departure].append(each.variant.took)
    samples = {departure: together(some) for departure, some in by_place.items()}
    number = following.n + departing.n
    return ConformanceFigures(
        cases=cases,
        judged=number,
        following=following.n,
        share=share(following.n, number),
        departing_took=departing,
        following_took=following,
        longer=difference(departing, following, enough),
        places=[
            PlaceOfDeparture(departure, took.n, difference(took, following, enough))
            for departure, took in sorted(samples.items(), key=lambda item: (-item[1].n, item[0]))
        ],
    )


def score_cost(
    said: Mapping[Said, int], judged: Sequence[Judged], versions: Mapping[int, Journey], least: int, enough: int
) -> ScoreCost:
    """Return what departing cost in satisfaction, in points of 1 to 10.

    Of each week and either side, scores count all together or, where there are under `least`, not at all: so no
    difference between two answers of ours is the score of one customer.
    """
    departs = {each.variant.key: bool(each.departures) for each in judged}
    weeks: dict[tuple[datetime, bool], Counter[int]] = defaultdict(Counter)
    for given, n in said.items():
        value = _satisfaction(given, versions)
        if value is not None and given.variant in departs:
            weeks[given.week, departs[given.variant]][value] += n
    shown = [(side, counts) for (_, side), counts in weeks.items() if counts.total() >= least]
    departing, following = (
        together(Sample.of(counts) for which, counts in shown if which is side) for side in (True, False)
    )
    higher = difference(departing, following, enough)
    return ScoreCost(departing, following, higher and Estimate(*(each / THOUSANDTHS for each in higher)))


def whole_weeks(start: datetime, end: datetime, now: datetime, drawn: Journey) -> tuple[datetime, datetime]:
    """Return from when to when the weeks run, Monday to Sunday by the journey's clock, that lie in a time and are over.

    The second moment is no later than the first if there are none.
    """
    first = _monday(start.astimezone(drawn.zone), drawn)
    if first < start:
        first = _monday(first + _WEEK, drawn)
    return first, _monday(min(end, now).astimezone(drawn.zone), drawn)


def _monday(local: datetime, drawn: Journey) -> datetime:
    day = local.date() - timedelta(days=local.weekday())
    return datetime.combine(day, time(), drawn.zone)


def _satisfaction(given: Said, versions: Mapping[int, Journey]) -> int | None:
    question = versions[given.journey_version].question_by_id[given.question]
    return question.values[given.score] if question.measure == "satisfaction" else None
