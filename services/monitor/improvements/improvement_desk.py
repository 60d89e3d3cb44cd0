"""Behind the API and the page of improvements: writing them, if they make sense for the journey as it is drawn."""

from collections.abc import Iterator, Set
from contextlib import contextmanager

from schemas.improvement import Day, Improvement, Proposal
from schemas.journey import Journey
from services.monitor.figures.snapshot import Clock
from services.monitor.http.problems import ProblemError
from services.store.improvements import Improvements, NotChanged, read_improvement
from services.store.reading import Reading


class ImprovementDesk:
    """Writes improvements. Every method raises Unreadable, and ProblemError for what cannot be written.

    That is 404 for an improvement that is not there, 409 for one that somebody else has changed or withdrawn, and 422
    for what does not fit the journey.
    """

    def __init__(self, reading: Reading, improvements: Improvements, clock: Clock) -> None:
        self._reading = reading
        self._improvements = improvements
        self._clock = clock

    async def add(self, drawn: Journey, proposal: Proposal, *, by: str, note: str = "") -> int:
        """Add an improvement and return its number."""
        self._check(drawn, proposal)
        return await self._improvements.add(drawn.id, proposal, by=by, note=note, now=self._clock())

    async def change(
        self, drawn: Journey, number: int, revision: int, proposal: Proposal, *, by: str, note: str = ""
    ) -> None:
        """Let an improvement read otherwise."""
        self._check(drawn, proposal)
        with _refusals(drawn, number):
            await self._improvements.change(drawn.id, number, revision, proposal, by=by, note=note, now=self._clock())

    async def done(self, drawn: Journey, number: int, revision: int, day: Day, *, by: str, note: str = "") -> None:
        """Note the day on which an improvement was made; the journey may be drawn without its touchpoint by then."""
        async with self._reading.moment() as moment:
            held = await read_improvement(moment, drawn.id, number)
        if held is None:
            raise _refused(drawn, number, held)
        proposal = held.proposal.model_copy(update={"done_on": day})
        self._check(drawn, proposal, fields={"done_on"})
        with _refusals(drawn, number):
            await self._improvements.change(drawn.id, number, revision, proposal, by=by, note=note, now=self._clock())

    async def withdraw(self, drawn: Journey, number: int, revision: int, *, by: str, note: str = "") -> None:
        """Withdraw an improvement."""
        with _refusals(drawn, number):
            await self._improvements.withdraw(drawn.id, number, revision, by=by, note=note, now=self._clock())

    def _check(self, drawn: Journey, proposal: Proposal, fields: Set[str] | None = None) -> None:
        today = self._clock().astimezone(drawn.zone).date()
        found = [
            {"field": field, "detail": detail}
            for field, detail in proposal.misfits(drawn, today)
            if fields is None or field in fields
        ]
        if found:
            raise ProblemError(422, "; ".join(f"{each['field']}: {each['detail']}" for each in found), errors=found)


@contextmanager
def _refusals(drawn: Journey, number: int) -> Iterator[None]:
    try:
        yield
    except NotChanged as error:
        raise _refused(drawn, number, error.held) from None


def _refused(drawn: Journey, number: int, held: Improvement | None) -> ProblemError:
    if held is None:
        return ProblemError(404, f"journey {drawn.id!r} has no improvement {number}")
    if held.withdrawn_by is not None:
        return ProblemError(409, f"improvement {number} was withdrawn by {held.withdrawn_by}, and changes no more")
    return ProblemError(409, f"improvement {number} is at revision {held.revision} now: look at it, then change it")
