"""Alerts as they travel on `kpi-alerts`: a KPI that is below its norm, a case that waits or misses something."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from schemas.values import digest


class AlertKind(StrEnum):
    """What an alert is about."""

    WAITING = "waiting"
    """A case has stayed at a touchpoint for longer than that touchpoint's limit, and nothing followed."""
    MISSING = "missing"
    """A touchpoint that had to follow has not followed in time."""
    KPI = "kpi"
    """A KPI is not on its norm."""


class AlertState(StrEnum):
    """What an alert says of what it is about."""

    RAISED = "raised"
    CLEARED = "cleared"
    """It was so, and is no longer."""
    CORRECTED = "corrected"
    """It never was so: an event that came late, or took another one back, shows it."""
    CHANGED = "changed"
    """A KPI is in another state, without an alarm being raised or cleared."""


class Alert(BaseModel):
    """One change of one alert.

    `alert_id` is that of the change: the same whenever it is sent again, another one for each change. What belongs
    together has the same kind, journey, kpi, case_id and touchpoint. `case_id` is None for a KPI, `kpi` for a case.
    `at` is when it was found; the summaries are one sentence each.
    """

    model_config = ConfigDict(frozen=True)

    alert_id: str
    kind: AlertKind
    journey: str
    kpi: str | None = None
    case_id: str | None = None
    touchpoint: str | None
    state: AlertState
    at: datetime
    summary_nl: str
    summary_en: str

    @model_validator(mode="after")
    def _is_about_one_thing(self) -> Self:
        if (self.kpi is None) is (self.case_id is None) or (self.kpi is None) is (self.kind is AlertKind.KPI):
            raise ValueError("an alert of kind 'kpi' names a KPI and no case; each other kind a case and no KPI")
        return self


def alert_id(kind: AlertKind, journey: str, *about: str | None, state: AlertState, at: datetime) -> str:
    """Return the id of a change of an alert; `about` tells it from all others of its kind, `at` is in UTC."""
    return digest("alert", kind, journey, about, state, at).hex()
