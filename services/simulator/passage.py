"""One customer's passage through the permit journey: which touchpoints are met, and when. Pure."""

import math
from datetime import datetime, timedelta
from operator import attrgetter
from random import Random
from typing import NamedTuple

from schemas.touchpoint_event import ABOUT
from services.simulator.hours import DAY, is_working, last_working, next_waking, next_working, with_work
from services.simulator.story import (
    CHANCES,
    COMPLAINED_ABOUT,
    CONTACTS,
    GRANTED,
    HANDLERS_HIRED,
    HANDLERS_LOST,
    MAIL,
    PLOT,
    REFUSED,
    SEGMENTS,
    TEAMS,
    VG,
    WAITS,
    WEB,
    Contact,
    Milestones,
    complaint_chance,
)

Attributes = dict[str, str | int | float | bool | None]

LONGEST_WORK = timedelta(hours=8)
STATUS_EVERY = timedelta(days=14)
SUBJECTS = ("dakkapel", "aanbouw", "kappen boom", "nieuwbouw woning", "inrit", "zonnepanelen", "gevelreclame")


class Meeting(NamedTuple):
    """One touchpoint of a passage; `started_at` is when work on it began, if it took work."""

    occurred_at: datetime
    started_at: datetime | None
    touchpoint: str
    channel: str
    employee: str | None
    attributes: Attributes


class Passage:
    """Draws one case from its first touchpoint to its last; `meetings` has them in order of time."""

    def __init__(self, rng: Random, persona: str, begins: datetime, milestones: Milestones) -> None:
        """Draw the case that a customer of `persona` begins at `begins`, a waking moment in Amsterdam time."""
        self._rng = rng
        self._persona = persona
        self._milestones = milestones
        self._meetings: list[Meeting] = []
        applied, acknowledged = self._apply(self._find_out(begins))
        decided, refused = self._decide(applied, acknowledged)
        self._follow_up(decided, refused=refused)
        self._complain(applied, decided)
        self.meetings = sorted(self._meetings, key=attrgetter("occurred_at"))

    def _find_out(self, begins: datetime) -> datetime:
        """Orientation: return when the customer is ready to apply. The first touchpoint happens as the case begins."""
        at = begins
        checks = not is_working(begins) or self._happens(CHANCES.check)
        if checks:
            at = self._meet("vergunningcheck", at)
        for _ in range(self._count(CHANCES.questions_before) if checks else 1):
            thinks = DAY * self._rng.expovariate(1 / 2.5) if self._meetings else timedelta(0)
            at = self._meet("vraag-gesteld", at + thinks, spread=1)
        if self._happens(SEGMENTS[self._persona].preliminary_talk):
            at = self._meet("vooroverleg", at + self._wait("vooroverleg"), spread=2)
        return at + DAY * self._rng.uniform(0.05, 6)

    def _apply(self, ready: datetime) -> tuple[datetime, datetime]:
        """Application: return when it was made and when it was acknowledged."""
        applied = self._meet("aanvraag-ingediend", ready, {"activiteit": self._rng.choice(SUBJECTS)})
        return applied, self._meet("ontvangstbevestiging", applied + self._wait("ontvangstbevestiging"))

    def _decide(self, applied: datetime, acknowledged: datetime) -> tuple[datetime, bool]:
        """From application to decision: return when it was taken and whether it refuses."""
        handling = self._wait("besluit")
        customers_time = timedelta(0)
        completed = applied
        extended = self._happens(CHANCES.extension)
        if self._happens(CHANCES.completion):
            asked, completed = self._complete(acknowledged)
            customers_time = completed - asked
        if extended:
            handling = DAY * self._rng.uniform(60, 94)
            self._meet("verlengingsbericht", applied + customers_time + DAY * self._rng.uniform(40, 50))
        due = self._piled_up(max(applied + handling + customers_time, completed + DAY * 3))
        refused = self._happens(CHANCES.refusal)
        decided = self._meet("besluit", due, {"uitkomst": REFUSED if refused else GRANTED}, spread=2)
        self._keep_in_touch(applied, decided)
        return decided, refused

    def _complete(self, acknowledged: datetime) -> tuple[datetime, datetime]:
        """Ask the customer to complete the application: return when that was asked and when it came in."""
        wait = self._wait("aanvullingsverzoek")
        if self._milestones.handlers_lost <= acknowledged + wait < self._milestones.durations_recovered:
            wait *= PLOT.completion_slower
        asked = self._meet("aanvullingsverzoek", acknowledged + wait, spread=1)
        return asked, self._meet("aanvulling-ontvangen", asked + self._wait("aanvulling-ontvangen"))

    def _piled_up(self, due: datetime) -> datetime:
        """Return when a decision that falls due is taken up: some wait on the pile until there are hands again.

        The pile of the bad weeks is worked off, oldest first, between the recovery of the score and that of the
        durations. So while it grows, the cases that are completed are the ones that never waited.
        """
        grows, shrinks, gone = (
            self._milestones.handlers_lost,
            self._milestones.score_recovered,
            self._milestones.durations_recovered,
        )
        if not grows <= due < shrinks or not self._happens(PLOT.piled_up):
            return due
        return shrinks + (gone - shrinks) * ((due - grows) / (shrinks - grows))

    def _keep_in_touch(self, applied: datetime, decided: datetime) -> None:
        """Status messages every two weeks, since they exist, and the customer's own questions in between."""
        due = applied + STATUS_EVERY
        while (at := last_working(self._rng, due)) < decided:
            if at >= self._milestones.status_introduced:
                self._meet("statusbericht", at)
            due += STATUS_EVERY
        for _ in range(self._count(CHANCES.questions_during)):
            asked = applied + (decided - applied) * self._rng.uniform(0.1, 0.9)
            self._meet("vraag-gesteld", asked, spread=1, before=decided)

    def _follow_up(self, decided: datetime, *, refused: bool) -> None:
        """Aftercare: explanation, invoice, inspection, and the hearing where there is an objection."""
        if self._happens(CHANCES.explanation_refused if refused else CHANCES.explanation_granted):
            self._meet("toelichting", decided + self._wait("toelichting"))
        self._meet("legesfactuur", decided + self._wait("legesfactuur"), spread=2)
        if not refused and self._happens(CHANCES.inspection_if_granted):
            self._inspect(decided + self._wait("toezichtbezoek"))
        if self._happens(CHANCES.hearing_refused if refused else CHANCES.hearing_granted):
            self._meet("bezwaarhoorzitting", decided + self._wait("bezwaarhoorzitting"), spread=2)

    def _inspect(self, due: datetime) -> None:
        way = "met tablet" if due >= self._milestones.inspection_changed else "op papier"
        self._meet("toezichtbezoek", due, {"werkwijze": way}, spread=2)

    def _complain(self, applied: datetime, decided: datetime) -> None:
        """One reason to complain a case, between ten days after the application and ten after the decision."""
        reason = applied + DAY * 10 + (decided - applied) * self._rng.random()
        if self._happens(complaint_chance(reason, self._milestones)):
            complained = self._meet("klacht-ingediend", reason, {ABOUT: self._blamed(reason)})
            self._meet("klacht-afgehandeld", complained + self._wait("klacht-afgehandeld"), spread=1)

    def _blamed(self, reason: datetime) -> str:
        """Return what a customer complains about: in the bad weeks the request to complete, if there was one."""
        met = {
            meeting.touchpoint for meeting in self._meetings if meeting.occurred_at <= reason
        } & COMPLAINED_ABOUT.keys()
        if self._milestones.are_bad(reason) and "aanvullingsverzoek" in met:
            return "aanvullingsverzoek"
        known = sorted(met) or ["aanvraag-ingediend"]
        return self._rng.choices(known, [COMPLAINED_ABOUT[each] for each in known])[0]

    def _meet(
        self,
        touchpoint: str,
        due: datetime,
        attributes: Attributes | None = None,
        *,
        spread: int = 0,
        before: datetime | None = None,
    ) -> datetime:
        """Let a touchpoint happen at the first fitting moment from `due` on, if `before` allows; return that moment."""
        contact = CONTACTS[touchpoint]
        channel = self._channel(contact)
        written = contact.by_customer and channel in (WEB, MAIL)
        due = due.replace(microsecond=0)
        ended = next_waking(self._rng, due) if written else next_working(self._rng, due, spread)
        started = None
        if contact.minutes is not None and not written:
            started, ended = with_work(ended, self._work(contact.minutes))
        if before is None or ended < before:
            employee = None if written and channel == WEB else self._employee(contact.department, ended)
            self._meetings.append(Meeting(ended, started, touchpoint, channel, employee, attributes or {}))
        return ended

    def _channel(self, contact: Contact) -> str:
        drawn = self._rng.random()
        for channel, share in contact.channels.items():
            drawn -= share
            if drawn < 0:
                return channel
        return channel

    def _employee(self, department: str, at: datetime) -> str:
        team = TEAMS[department]
        if department == VG and at < self._milestones.handlers_lost:
            team += HANDLERS_LOST
        elif department == VG and at >= self._milestones.score_recovered:
            team += HANDLERS_HIRED
        return self._rng.choice(team)

    def _wait(self, touchpoint: str) -> timedelta:
        wait = WAITS[touchpoint]
        return DAY * min(wait.median * math.exp(self._rng.gauss(0, wait.sigma)), wait.longest)

    def _work(self, minutes: float) -> timedelta:
        drawn = timedelta(seconds=int(60 * minutes * math.exp(self._rng.gauss(0, 0.5))))
        return min(drawn, LONGEST_WORK)

    def _happens(self, chance: float) -> bool:
        return self._rng.random() < chance

    def _count(self, chances: tuple[float, ...]) -> int:
        return self._rng.choices(range(len(chances)), chances)[0]
