"""Reading real paths and the conformance of cases over a time that somebody asks for."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.journey import Journey, JourneyVersion
from services.monitor.figures.asked import Asked
from services.monitor.figures.histograms import summed
from services.monitor.http.problems import ProblemError
from services.monitor.paths.conformance_figures import (
    ConformanceFigures,
    Judged,
    ScoreCost,
    conformance_figures,
    judged_variants,
    score_cost,
    whole_weeks,
)
from services.monitor.paths.real_paths import NOTHING, Hidden, RealPaths, hidden_of, real_paths
from services.monitor.paths.variant_costs import VariantCost, variant_cost
from services.store import path_reading, workload_reading
from services.store.path_reading import Edge, OfWhom, VariantKey, Variants
from services.store.reading import Histogram, Moment
from streams.rolling import Part

MOST_VARIANTS = 2_000
"""How many variants are looked up at most; of the rarest there is one case each, and the events of one must be read."""


@dataclass(frozen=True)
class Least:
    """The least numbers: of scores or cases for a figure, of scores that are shown at once, of visits of a group."""

    enough: int
    released: int
    group: int


@dataclass(frozen=True)
class Conformance:
    """Closed cases by variant, held against the map, what departing from it cost, and what cases cost by variant."""

    variants: Variants
    judged: Sequence[Judged]
    figures: ConformanceFigures
    scores: ScoreCost
    costs: Mapping[VariantKey, VariantCost]


def of_whom(asked: Asked) -> OfWhom:
    """Return whose paths are asked for; raise ProblemError for what paths are not kept apart by."""
    if (asked.touchpoint, asked.timeliness, asked.outcome) != (None, None, None):
        raise ProblemError(422, "paths are kept apart by department, channel and persona only")
    if asked.persona is not None and (asked.department is not None or asked.channel is not None):
        raise ProblemError(422, "paths of one persona are shown over all departments and channels only")
    return OfWhom(asked.department, asked.channel, asked.persona)


async def read_paths(moment: Moment, drawn: Journey, whose: OfWhom, over: Sequence[Part], least: Least) -> RealPaths:
    """Read the graph of a journey over a time; of one persona without what would tell of a small group."""
    gaps: dict[Edge, list[Histogram]] = defaultdict(list)
    visits: Counter[str] = Counter()
    for part in over:
        for edge, histogram in (await path_reading.edges(moment, drawn.id, part, whose)).items():
            gaps[edge].append(histogram)
        visits.update(await path_reading.visits(moment, drawn.id, part, whose))
    found = {edge: summed(histograms) for edge, histograms in gaps.items()}
    hidden = NOTHING if whose.persona is None else await _hidden(moment, drawn, whose.persona, over, least.group)
    return real_paths(found, +visits, drawn, hidden)


async def read_conformance(
    moment: Moment, versions: Sequence[JourneyVersion], over: Sequence[Part], now: datetime, least: Least
) -> Conformance:
    """Read the cases that were closed over a time, and hold them against the versions of their journey."""
    start, end = over[0].start, over[-1].end
    drawn: Mapping[int, Journey] = {version.version: version.journey for version in versions}
    found = await path_reading.variants(moment, versions, start, end, MOST_VARIANTS)
    judged = judged_variants(found, drawn)
    costs = await workload_reading.path_costs(moment, versions, start, end)
    priced = {each.variant.key: variant_cost(each, costs.get(each.variant.key, {}), drawn) for each in judged}
    weeks = whole_weeks(start, end, now, versions[-1].journey)
    said = await path_reading.said_by_variant(moment, versions, (start, end), weeks) if weeks[0] < weeks[1] else {}
    return Conformance(
        variants=found,
        judged=judged,
        figures=conformance_figures(found.cases, judged, least.enough),
        scores=score_cost(said, judged, drawn, least.released, least.enough),
        costs={key: cost for key, cost in priced.items() if cost is not None},
    )


async def _hidden(moment: Moment, drawn: Journey, persona: str, over: Sequence[Part], least: int) -> Hidden:
    steps: Counter[tuple[Edge, str]] = Counter()
    for part in over:
        steps.update(await path_reading.steps_by_persona(moment, drawn.id, part))
    return hidden_of(steps, persona, least)
