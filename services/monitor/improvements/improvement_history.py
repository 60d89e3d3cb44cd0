"""What was changed in an improvement, by revision. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from schemas.improvement import ImprovementRevision, Proposal


@dataclass(frozen=True)
class Edit:
    """A field that read otherwise before."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Step:
    """A revision, and what it changed in the one before; nothing in the first one."""

    revision: ImprovementRevision
    edits: Sequence[Edit]


def histories(revisions: Iterable[ImprovementRevision]) -> Mapping[int, Sequence[Step]]:
    """Return the steps of each improvement, by its number, oldest first; the revisions of each come in order."""
    by_number: dict[int, list[ImprovementRevision]] = defaultdict(list)
    for revision in revisions:
        by_number[revision.id].append(revision)
    return {number: [*_steps(own)] for number, own in by_number.items()}


def _steps(own: Sequence[ImprovementRevision]) -> Iterator[Step]:
    yield Step(own[0], [])
    for before, after in pairwise(own):
        yield Step(after, [*_edits(before.proposal, after.proposal)])


def _edits(before: Proposal, after: Proposal) -> Iterator[Edit]:
    for field in Proposal.model_fields:
        was, became = getattr(before, field), getattr(after, field)
        if was != became:
            yield Edit(field, was, became)
