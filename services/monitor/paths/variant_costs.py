"""What a case costs by the path that it went. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.journey import Journey
from services.monitor.paths.conformance_figures import Judged
from services.monitor.workload.workload_figures import cents_of
from services.store.workload_reading import Costs


@dataclass(frozen=True)
class VariantCost:
    """What cases of a path cost together, in cents, and how many they are."""

    cases: int
    cents: int

    @property
    def mean(self) -> float:
        """What one costs, in the organisation's currency."""
        return self.cents / self.cases / 100


def variant_cost(
    judged: Judged, costs: Mapping[tuple[str, int], Costs], versions: Mapping[int, Journey]
) -> VariantCost | None:
    """Return what the cases of a variant cost whose events are kept, each of which has as many visits as its path.

    `costs` are by touchpoint and the journey version that held. None if neither any event nor the journey file says.
    """
    visits = sum(each.visits for each in costs.values())
    found = [cents_of(each, versions[version].touchpoint(touchpoint)) for (touchpoint, version), each in costs.items()]
    known = [cents for cents in found if cents is not None]
    return VariantCost(visits // len(judged.touchpoints), sum(known)) if known else None
