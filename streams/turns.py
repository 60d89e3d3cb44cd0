"""What a case's next visit does to its spans: which it begins, which it ends, which it gives another limit. Pure."""

from typing import NamedTuple

from schemas.journey import CASE_SPAN, Journey
from schemas.span import Span
from streams.terms import Term, begin, onward
from streams.timeline import Visit

Spans = dict[str, Term | None]
"""Each span that a case has begun, the whole case too, by id; None once it has ended."""


class Turn(NamedTuple):
    """What a visit does to a span: the term before it, None if the span begins, and after it; whether it ends."""

    span: Span
    before: Term | None
    after: Term
    ends: bool


def take_past(spans: Spans, visit: Visit, drawn: Journey) -> list[Turn]:
    """Take spans, as they are after the visits before, past a visit; return what it does to each."""
    touchpoint = visit.touchpoint
    turns = [] if CASE_SPAN in spans else [_begin(spans, CASE_SPAN, visit, drawn)]
    if touchpoint in drawn.ends:
        turns += _end(spans, visit, drawn)
    if touchpoint in drawn.turning:
        turns += _go_on(spans, visit, drawn)
    if touchpoint in drawn.starts:
        for name in drawn.starts[touchpoint]:
            if name not in spans:
                turns.append(_begin(spans, name, visit, drawn))
    return turns


def _begin(spans: Spans, name: str, visit: Visit, drawn: Journey) -> Turn:
    span = drawn.span_by_id[name]
    term = spans[name] = begin(span, visit)
    return Turn(span, None, term, False)


def _go_on(spans: Spans, visit: Visit, drawn: Journey) -> list[Turn]:
    turns = []
    for name in drawn.turning[visit.touchpoint]:
        before = spans.get(name)
        if before is not None:
            span = drawn.span_by_id[name]
            after = onward(before, span, visit, drawn)
            if after is not before:
                spans[name] = after
                turns.append(Turn(span, before, after, False))
    return turns


def _end(spans: Spans, visit: Visit, drawn: Journey) -> list[Turn]:
    turns = []
    for name in drawn.ends[visit.touchpoint]:
        term = spans.get(name)
        if term is not None:
            spans[name] = None
            turns.append(Turn(drawn.span_by_id[name], term, term, True))
    return turns
