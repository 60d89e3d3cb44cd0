"""Which outcome of its case is known where a score belongs, so that a refusal is told from the service. Pure."""

from collections.abc import Sequence

from streams.timeline import Answer, Visit

UNKNOWN = ""
"""Where no outcome has been said yet."""


def outcome_of(answer: Answer, meant: Visit | None, visits: Sequence[Visit]) -> str:
    """Return the last outcome that was said up to the visit that an answer is about; UNKNOWN if there was none.

    `visits` are all of the case, in order. An answer about no touchpoint is about all of them until it was given. So no
    visit that comes after an answer changes its outcome, but for one that the answer is still waiting for.
    """
    if meant is None and answer.touchpoint is not None:
        return UNKNOWN
    said = UNKNOWN
    for visit in visits:
        if meant is None and visit.occurred_at > answer.answered_at:
            break
        said = visit.outcome or said
        if visit is meant:
            break
    return said
