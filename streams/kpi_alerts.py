"""Whom a change of alarm is told to, and when: in the KPI's service hours, and only what has been raised is cleared.

Pure.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from schemas.alert import Alert, AlertKind, AlertState, alert_id
from schemas.opening_hours import week_of
from streams.judgement import Defined, Held, Judgement, Recorded
from streams.kpi_sentence import Shown, sentence, touchpoint_of
from streams.working_time import calendar

Opens = Callable[[datetime], datetime]
"""Returns a moment itself if it lies in service hours, else when they begin next."""


class Telling(NamedTuple):
    """What is to be told of a change."""

    change: Recorded
    state: AlertState


def opens(kpi: Defined) -> Opens:
    """Return when alerts of a KPI may be heard: in its service hours, but not on holidays; always without any."""
    drawn = kpi.drawn
    hours = kpi.kpi.service_hours
    if hours is None:
        return lambda moment: moment
    open_hours = calendar(drawn.zone, week_of(hours), drawn.holidays)
    return lambda moment: open_hours.opens_next(moment) or moment


def tell(judgement: Judgement, opens: Opens, now: datetime) -> tuple[Judgement, Sequence[Telling]]:
    """Return the judgement with what is told now noted in its changes, and what that is.

    An alarm waits for the service hours after it was decided; if it has been taken off by then nobody hears of it.
    """
    changes, tellings = list(judgement.changes), []
    if changes and changes[-1].told_at is None and _is_to_be_told(changes, opens, now):
        changes[-1] = replace(changes[-1], told_at=now)
        tellings.append(Telling(changes[-1], AlertState.RAISED if changes[-1].below else AlertState.CLEARED))
    if judgement.superseded is not None and judgement.superseded.told_at is not None:
        tellings.insert(0, Telling(judgement.superseded, AlertState.CLEARED))
    tellings += [Telling(change, AlertState.CORRECTED) for change in judgement.withdrawn if change.told_at is not None]
    return replace(judgement, changes=changes), tellings


def alert(telling: Telling, kpi: Defined, judgement: Judgement, shown: Shown | None) -> Alert:
    """Return what travels of a telling."""
    change, state = telling
    return _alert(kpi, judgement, shown, state, change.decided_at, change.told_at or change.decided_at)


def state_alert(held: Held, kpi: Defined, judgement: Judgement, shown: Shown | None, now: datetime) -> Alert | None:
    """Return what travels when a KPI is in another state than it was; None if it is in the same, or is new."""
    if held.state is None or held.state is judgement.verdict.state:
        return None
    return _alert(kpi, judgement, shown, AlertState.CHANGED, now, now)


def _alert(  # noqa: PLR0917 - the last two are moments, in order
    kpi: Defined, judgement: Judgement, shown: Shown | None, state: AlertState, decided_at: datetime, at: datetime
) -> Alert:
    touchpoint = touchpoint_of(kpi.kpi, kpi.drawn)
    texts = {
        f"summary_{language}": sentence(kpi.kpi, judgement.verdict.state, shown, kpi.drawn.zone, language)
        for language in ("nl", "en")
    }
    return Alert(
        alert_id=alert_id(AlertKind.KPI, kpi.drawn.id, kpi.kpi.id, touchpoint, state=state, at=decided_at),
        kind=AlertKind.KPI,
        journey=kpi.drawn.id,
        kpi=kpi.kpi.id,
        touchpoint=touchpoint,
        state=state,
        at=at,
        **texts,
    )


def _is_to_be_told(changes: Sequence[Recorded], opens: Opens, now: datetime) -> bool:
    *_, last = changes
    if last.below:
        return now >= opens(last.decided_at)
    return len(changes) > 1 and changes[-2].told_at is not None
