"""Cases that are flagged for waiting too long: how their flags stand, and the alerts that say so. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from schemas.alert import Alert, AlertKind, AlertState, alert_id
from schemas.journey import Catalogue
from schemas.journey_part import Label
from streams.waiting import Expectation, Expected, standing_of


class Flag(NamedTuple):
    """What a case was flagged for, and how that stands."""

    case_key: int
    journey: str
    case_id: str
    expected: Expected
    state: AlertState


def settled(flags: Sequence[Flag], waited: Mapping[int, Sequence[Expectation]]) -> Sequence[Flag]:
    """Return those flags that stand otherwise now, as they stand; `waited` has all that their cases have waited for."""
    now = [flag._replace(state=standing_of(flag.expected, waited[flag.case_key])) for flag in flags]
    return [after for before, after in zip(flags, now, strict=True) if before.state is not after.state]


def alert_of(flag: Flag, catalogue: Catalogue, at: datetime) -> Alert:
    """Return the alert that says how a flag stands since `at`."""
    kind, touchpoint, after, since, due_at = flag.expected
    about = flag.case_id, touchpoint, after, since.isoformat()
    told = _SAID[kind, flag.state]
    here, there = _name(touchpoint, flag.journey, catalogue), _name(after, flag.journey, catalogue)
    nl, en = _length(due_at - since)
    return Alert(
        alert_id=alert_id(kind, flag.journey, *about, state=flag.state, at=at),
        kind=kind,
        journey=flag.journey,
        case_id=flag.case_id,
        touchpoint=touchpoint,
        state=flag.state,
        at=at,
        summary_nl=told.nl.format(case=flag.case_id, touchpoint=here.nl, after=there.nl, limit=nl),
        summary_en=told.en.format(case=flag.case_id, touchpoint=here.en, after=there.en, limit=en),
    )


def _name(touchpoint: str, journey: str, catalogue: Catalogue) -> Label:
    """Return what a touchpoint is called in the newest version of its journey that has it."""
    for version in reversed(catalogue.versions(journey)):
        if touchpoint in version.journey.touchpoint_ids:
            return version.journey.touchpoint(touchpoint).name
    return Label(nl=touchpoint, en=touchpoint)


_SAID: Mapping[tuple[AlertKind, AlertState], Label] = {
    (AlertKind.WAITING, AlertState.RAISED): Label(
        nl="Zaak {case} wacht langer dan {limit} na {after}.",
        en="Case {case} has been waiting for more than {limit} after {after}.",
    ),
    (AlertKind.WAITING, AlertState.CLEARED): Label(
        nl="Zaak {case} wacht niet meer na {after}.",
        en="Case {case} is no longer waiting after {after}.",
    ),
    (AlertKind.WAITING, AlertState.CORRECTED): Label(
        nl="Zaak {case} heeft toch niet langer dan {limit} gewacht na {after}.",
        en="Case {case} has not waited for more than {limit} after {after}, as it turns out.",
    ),
    (AlertKind.MISSING, AlertState.RAISED): Label(
        nl="Zaak {case} mist {touchpoint}: die had binnen {limit} na {after} moeten volgen.",
        en="Case {case} is missing {touchpoint}, which had to follow within {limit} of {after}.",
    ),
    (AlertKind.MISSING, AlertState.CLEARED): Label(
        nl="Zaak {case} mist {touchpoint} niet meer.",
        en="Case {case} is no longer missing {touchpoint}.",
    ),
    (AlertKind.MISSING, AlertState.CORRECTED): Label(
        nl="Zaak {case} heeft {touchpoint} na {after} toch niet gemist.",
        en="Case {case} has not missed {touchpoint} after {after}, as it turns out.",
    ),
}

_UNITS = (
    (timedelta(days=1), ("dag", "dagen"), ("day", "days")),
    (timedelta(hours=1), ("uur", "uur"), ("hour", "hours")),
    (timedelta(minutes=1), ("minuut", "minuten"), ("minute", "minutes")),
    (timedelta(seconds=1), ("seconde", "seconden"), ("second", "seconds")),
)


def _length(duration: timedelta) -> tuple[str, str]:
    """Return a limit in Dutch and in English, in the largest unit of which it is a whole number, such as 15 days."""
    for unit, dutch, english in _UNITS:
        count, rest = divmod(duration, unit)
        if count and not rest:
            return f"{count} {dutch[count != 1]}", f"{count} {english[count != 1]}"
    seconds = f"{duration.total_seconds():g}"
    return f"{seconds} seconden", f"{seconds} seconds"
