"""Who was asked and who answered, touchpoint by touchpoint. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.journey import Journey
from services.store.reading import Responses
from streams.scores import Estimate, share


@dataclass(frozen=True)
class ResponseFunnel:
    """What became of the passages of a touchpoint that asks; `suppressed` counts who was not asked, by reason."""

    touchpoint: str
    suppressed: Mapping[str, int]
    invited: int
    answered: int
    expired: int

    @property
    def passages(self) -> int:
        """How many passed."""
        return self.invited + sum(self.suppressed.values())

    @property
    def waiting(self) -> int:
        """How many may still answer."""
        return self.invited - self.answered - self.expired

    @property
    def response(self) -> Estimate | None:
        """The share of those asked who have answered; None if nobody was asked."""
        return share(self.answered, self.invited)


def response_funnels(found: Sequence[Responses], drawn: Journey) -> Sequence[ResponseFunnel]:
    """Return a funnel for each touchpoint about which something was decided, in the journey's order."""
    by_touchpoint: dict[str, list[Responses]] = defaultdict(list)
    for each in found:
        by_touchpoint[each.touchpoint].append(each)
    order = drawn.touchpoint_ids
    names = sorted(by_touchpoint, key=lambda name: (order.get(name, len(order)), name))
    return [_funnel(name, by_touchpoint[name]) for name in names]


def _funnel(touchpoint: str, found: Sequence[Responses]) -> ResponseFunnel:
    asked = [each for each in found if each.suppressed is None]
    return ResponseFunnel(
        touchpoint=touchpoint,
        suppressed={each.suppressed: each.n for each in found if each.suppressed is not None},
        invited=sum(each.n for each in asked),
        answered=sum(each.answered for each in asked),
        expired=sum(each.expired for each in asked),
    )
