"""What is known of a KPI, and the hours it covers -> what is to be written of it, and who is to be told. Pure.

The sum goes on from the last change of alarm. When values come that lie before it, it goes on from the change before
them, and what was decided since is held against what is right now: a change that came at another hour is corrected, one
that never came is withdrawn, and what was said of it stays said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from schemas.journey import CASE_SPAN, Journey, JourneyVersion
from schemas.kpi import SHARES, Kpi
from schemas.values import digest
from streams.cusum import Bucket
from streams.kpi import QUARTER, Aim, Change, Standing, State, Verdict, trace
from streams.kpi_evidence import coverage, first_bucket, norm_of_test
from streams.kpi_threshold import Threshold

Climbs = Mapping[datetime | None, datetime]
"""When the evidence for each change began to gather, by the change's hour; by None, that of the running sum."""


@dataclass(frozen=True)
class Recorded:
    """A change as it is stored: the hour that brought it, and the one in which the evidence for it began to gather.

    `change_id` is None until it is stored; `told_at` is when an alert about it left, None if none did.
    """

    change_id: int | None
    at: datetime
    below: bool
    climb_from: datetime
    decided_at: datetime
    told_at: datetime | None = None


class Held(NamedTuple):
    """What is stored of a KPI. `definition` is what it was judged as; None: it has not been judged yet.

    `refold_from` is the earliest hour that has changed since, `state` what was said of it last. `changes` are those
    that stand, oldest first.
    """

    revision: int = 0
    refold_from: datetime | None = None
    definition: bytes | None = None
    threshold: Threshold | None = None
    state: State | None = None
    changes: Sequence[Recorded] = ()


class Defined(NamedTuple):
    """A KPI as it is drawn now, and from when on it has been drawn so; None: since ever."""

    kpi: Kpi
    drawn: Journey
    begins: datetime | None

    @property
    def digest(self) -> bytes:
        """What tells it from a KPI that would be judged otherwise, or from another moment on: not by its name."""
        alike = definition(self.kpi, self.drawn)
        return alike if self.begins is None else digest(alike.hex(), self.begins)

    @property
    def aim(self) -> Aim:
        """What its test aims at."""
        norm, least = norm_of_test(self.kpi), self.kpi.minimum_evidence
        if self.kpi.measure in SHARES:
            return Aim.of_share(norm, least=least)
        return Aim.of_score(norm, at_least=self.kpi.at_least, least=least)


@dataclass(frozen=True)
class Judgement:
    """What judging a KPI comes to: its verdict, and all changes that stand now, oldest first.

    `withdrawn` are those that were stored and do not stand any more; `superseded` is an alarm that stood when the KPI
    was defined otherwise.
    """

    verdict: Verdict
    changes: Sequence[Recorded]
    withdrawn: Sequence[Recorded]
    superseded: Recorded | None
    climb_from: datetime | None

    @property
    def alarm(self) -> Recorded | None:
        """The change that raised the alarm that stands."""
        return self.changes[-1] if self.changes and self.changes[-1].below else None

    def shown_since(self, now: datetime) -> datetime:
        """Return from when on the figure beside the state is: the evidence for it, else since the last change.

        It goes back a quarter at most, unless the evidence does.
        """
        if self.alarm is not None:
            return self.alarm.climb_from
        if self.verdict.state is State.WATCH and self.climb_from is not None:
            return self.climb_from
        return max([now - QUARTER, *(change.at for change in self.changes[-1:])])


def definition(kpi: Kpi, drawn: Journey) -> bytes:
    """Return 16 bytes that differ when a KPI would be judged otherwise."""
    term = (
        drawn.span_by_id[kpi.span or CASE_SPAN].model_dump(mode="json", exclude={"name"})
        if kpi.measure == "throughput"
        else None
    )
    gap_limit = drawn.gap_limits.get(kpi.touchpoint or "") if kpi.measure == "gap" else None
    return digest(*coverage(kpi, drawn), str(kpi.norm.normalize()), kpi.at_least, term, gap_limit)


def defined(versions: Sequence[JourneyVersion], kpi_id: str) -> Defined | None:
    """Return a KPI as the newest version draws it; None if none does. `versions` are a journey's, oldest first.

    It begins with the first version of the unbroken row in which it would be judged alike; one that is new is judged
    over all that is kept.
    """
    drawn = versions[-1].journey if versions else None
    kpi = _by_id(drawn).get(kpi_id) if drawn else None
    if drawn is None or kpi is None:
        return None
    alike, begins = definition(kpi, drawn), versions[-1].valid_from
    for version in reversed(versions[:-1]):
        earlier = _by_id(version.journey).get(kpi_id)
        if earlier is None or definition(earlier, version.journey) != alike:
            is_new = not any(kpi_id in _by_id(each.journey) for each in versions[: version.version])
            return Defined(kpi, drawn, None if is_new else begins)
        begins = version.valid_from
    return Defined(kpi, drawn, None)


def last_defined(versions: Sequence[JourneyVersion], kpi_id: str) -> Defined | None:
    """Return a KPI as it was drawn last; None if it never was."""
    for version in reversed(versions):
        if kpi_id in (known := _by_id(version.journey)):
            return Defined(known[kpi_id], version.journey, None)
    return None


def fold_from(held: Held, kpi: Defined) -> tuple[Standing, Sequence[Recorded]]:
    """Return where the sum goes on, and the changes up to there, which stand."""
    if held.definition != kpi.digest:
        return Standing(False, kpi.begins), ()
    refold_from = held.refold_from and first_bucket(kpi.kpi, kpi.drawn, held.refold_from)
    standing = [change for change in held.changes if refold_from is None or change.at < refold_from]
    if not standing:
        return Standing(False, kpi.begins), ()
    return Standing(standing[-1].below, standing[-1].at), standing


def judged(held: Held, kpi: Defined, verdict: Verdict, climbs: Climbs, now: datetime) -> Judgement:
    """Hold a verdict against what was stored; `climbs` says when the evidence for each change began to gather."""
    _, standing = fold_from(held, kpi)
    known = held.changes[len(standing) :] if held.definition == kpi.digest else ()
    partners = _partners(verdict.changes, known)
    changes = [
        *standing,
        *(_recorded(change, partners.get(change), climbs[change.at], now) for change in verdict.changes),
    ]
    withdrawn = [each for each in known if each not in partners.values()]
    superseded = held.changes[-1] if held.definition != kpi.digest and held.changes and held.changes[-1].below else None
    return Judgement(verdict, changes, withdrawn, superseded, climbs.get(None))


def _recorded(change: Change, old: Recorded | None, climb_from: datetime, now: datetime) -> Recorded:
    if old is None:
        return Recorded(None, change.at, change.below, climb_from, now)
    return replace(old, at=change.at, climb_from=climb_from)


def _partners(changes: Sequence[Change], known: Sequence[Recorded]) -> Mapping[Change, Recorded]:
    """Say which stored change each right one is: the one of the same hour, between those the next that is alike."""
    held = {Change(each.at, each.below): each for each in known}
    partners = {change: held[change] for change in changes if change in held}
    for begin, end in pairwise([None, *sorted(partners), None]):
        spare = [each for each in known if _lies_between(each.at, begin, end)]
        for change in (each for each in changes if _lies_between(each.at, begin, end)):
            alike = next((each for each in spare if each.below == change.below), None)
            if alike is not None:
                spare.remove(alike)
                partners[change] = alike
    return partners


def _lies_between(at: datetime, begin: Change | None, end: Change | None) -> bool:
    return (begin is None or at > begin.at) and (end is None or at < end.at)


def climbs(aim: Aim, standing: Standing, buckets: Sequence[Bucket], threshold: int) -> Climbs:
    """Return when the evidence for each change began to gather."""
    found: dict[datetime | None, datetime] = {}
    begun: datetime | None = None
    for step in trace(aim, standing, buckets, threshold):
        begun = (begun or step.bucket.at) if step.level else None
        if step.changed and begun is not None:
            found[step.bucket.at], begun = begun, None
    return found if begun is None else {**found, None: begun}


def _by_id(drawn: Journey) -> Mapping[str, Kpi]:
    return {kpi.id: kpi for kpi in drawn.kpis}
