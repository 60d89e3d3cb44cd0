"""Whom a change of alarm is told to, and when: in the KPI's service hours, and only what has been raised is cleared.

Pure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from schemas.alert import Alert, AlertKind, AlertState, alert_id
from schemas.opening_hours import week_of
from streams.judgement import Defined, Held, Judgement, Recorded
from streams.kpi_sentence import LANGUAGES, Language, Shown, sentence, touchpoint_of
from streams.working_time import calendar

Opens = Callable[[datetime], datetime]
"""Returns a moment itself if it lies in service hours, else when they begin next."""


_RETIRED: Mapping[Language, str] = {"nl": "wordt niet meer beoordeeld", "en": "is judged no more"}


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


def tell(
    judgement: Judgement, opens: Opens, now: datetime, *, caught_up: bool = True
) -> tuple[Judgement, Sequence[Telling]]:
    """Return the judgement with what is told now noted in its changes, and what that is.

    An alarm waits for the service hours after it was decided, and until counting has `caught_up` with the log; if it
    has been taken off by then nobody hears of it.
    """
    changes, tellings = list(judgement.changes), []
    if changes and changes[-1].told_at is None and _is_to_be_told(changes, opens, now, caught_up):
        changes[-1] = replace(changes[-1], told_at=now)
        tellings.append(Telling(changes[-1], AlertState.RAISED if changes[-1].below else AlertState.CLEARED))
    if judgement.superseded is not None and judgement.superseded.told_at is not None:
        tellings.insert(0, Telling(judgement.superseded, AlertState.CLEARED))
    tellings += [Telling(change, AlertState.CORRECTED) for change in judgement.withdrawn if change.told_at is not None]
    return replace(judgement, changes=changes), tellings


def alert(telling: Telling, kpi: Defined, judgement: Judgement, shown: Shown | None, now: datetime) -> Alert:
    """Return what travels of a telling."""
    texts = {language: _said(kpi, judgement, shown, language) for language in LANGUAGES}
    return _alert(kpi, telling.state, texts, telling.change.decided_at, now)


def retirement(kpi: Defined, alarm: Recorded, now: datetime) -> Alert:
    """Return what travels when a KPI is not drawn any more whose alarm was told."""
    texts = {language: f"{getattr(kpi.kpi.name, language)}: {said}" for language, said in _RETIRED.items()}
    return _alert(kpi, AlertState.CLEARED, texts, alarm.decided_at, now)


def state_alert(held: Held, kpi: Defined, judgement: Judgement, shown: Shown | None, now: datetime) -> Alert | None:
    """Return what travels when a KPI is in another state than it was; None if it is in the same, or is new."""
    if held.state is None or held.state is judgement.verdict.state:
        return None
    texts = {language: _said(kpi, judgement, shown, language) for language in LANGUAGES}
    return _alert(kpi, AlertState.CHANGED, texts, now, now)


def _said(kpi: Defined, judgement: Judgement, shown: Shown | None, language: Language) -> str:
    return sentence(kpi.kpi, judgement.verdict.state, shown, kpi.drawn.zone, language)


def _alert(
    kpi: Defined, state: AlertState, texts: Mapping[Language, str], decided_at: datetime, now: datetime
) -> Alert:
    touchpoint = touchpoint_of(kpi.kpi, kpi.drawn)
    return Alert(
        alert_id=alert_id(AlertKind.KPI, kpi.drawn.id, kpi.kpi.id, touchpoint, state=state, at=decided_at),
        kind=AlertKind.KPI,
        journey=kpi.drawn.id,
        kpi=kpi.kpi.id,
        touchpoint=touchpoint,
        state=state,
        at=now,
        summary_nl=texts["nl"],
        summary_en=texts["en"],
    )


def _is_to_be_told(changes: Sequence[Recorded], opens: Opens, now: datetime, caught_up: bool) -> bool:
    *_, last = changes
    if last.below:
        return caught_up and now >= opens(last.decided_at)
    return len(changes) > 1 and changes[-2].told_at is not None
