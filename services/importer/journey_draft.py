"""What a log shows of its touchpoints -> a journey file, for its owner to draw further. Pure."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from services.importer.mapping_proposal import TIME_ZONE
from services.importer.passages import Passages, Seen
from services.importer.yaml_text import written

_NOT_IN_ALL = 0.05
"""Absent from a larger share of cases than this, a touchpoint is optional; twice in one, it is repeatable."""

_ENDS = 0.01
"""The share of cases that have to end with a touchpoint for it to be an end of the journey."""

_ENOUGH_WAITS = 20
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_TOUCHPOINT_INDENT = 8
_END_INDENT = 4


def draft_journey(passages: Passages, names: Mapping[str, str], journey: str, time_zone: str | None, log: str) -> str:
    """Return the text of a journey file: one phase, its touchpoints by their median position in the cases.

    `names` are what the log calls touchpoints; `log` is its own name. There has to be a visit.
    """
    seen = passages.seen()
    document = CommentedMap(id=journey, name=journey.replace("-", " ").capitalize(), time_zone=time_zone or TIME_ZONE)
    if time_zone is None:
        document.yaml_add_eol_comment("the log does not say in which zone its days begin", "time_zone")
    phase = CommentedMap(id="phase", name="Phase")
    phase["touchpoints"] = CommentedSeq(
        _touchpoint(each, names.get(each.touchpoint, each.touchpoint), passages.cases) for each in seen
    )
    document["phases"] = CommentedSeq([phase])
    document["end_touchpoints"] = _ends(seen, passages.cases)
    document.yaml_set_start_comment(
        f"Drafted from {' '.join(log.split())}: {passages.cases:,} cases, {passages.visits:,} visits.\n"
        "Draw it further: phases, who takes each step, what matters most, and by when something has to follow."
    )
    explained = f"Where at least {100 * _ENDS:.0f} % of the cases end. One that ends elsewhere is open."
    document.yaml_set_comment_before_after_key("end_touchpoints", before=explained)
    return written(document)


def _touchpoint(seen: Seen, name: str, cases: int) -> CommentedMap:
    part = CommentedMap(id=seen.touchpoint, name=name)
    if cases - seen.cases > _NOT_IN_ALL * cases:
        part["optional"] = True
    if seen.again > _NOT_IN_ALL * seen.cases:
        part["repeatable"] = True
    part["evidence"] = "measured"
    _note_wait(part, seen)
    return part


def _note_wait(part: CommentedMap, seen: Seen) -> None:
    """Leave the waiting limit that the log suggests as a comment: what is usual is not yet what is right."""
    wait = seen.wait(90)
    if wait is not None and len(seen.waits) >= _ENOUGH_WAITS:
        limit = _spelt(timedelta(milliseconds=wait))
        before = f"waiting_limit: {limit}  # in 9 of 10 something followed within this (n {len(seen.waits):,})"
        part.yaml_set_comment_before_after_key("evidence", before=before, indent=_TOUCHPOINT_INDENT)


def _spelt(time: timedelta) -> str:
    """Return a time as ISO 8601 has it, rounded up to days, hours or minutes, of which there are two or more."""
    if time > _DAY:
        return f"P{-(-time // _DAY)}D"
    return f"PT{-(-time // _HOUR)}H" if time > _HOUR else f"PT{max(-(-time // _MINUTE), 1)}M"


def _ends(seen: Sequence[Seen], cases: int) -> CommentedSeq:
    often = [each for each in seen if each.last >= _ENDS * cases] or [max(seen, key=lambda each: each.last)]
    often.sort(key=lambda each: -each.last)
    ends = CommentedSeq(each.touchpoint for each in often)
    column = max(len(each.touchpoint) for each in often) + _END_INDENT + 2
    for place, each in enumerate(often):
        ends.yaml_add_eol_comment(f"the last of {100 * each.last / cases:.0f} %", place, column)
    return ends
