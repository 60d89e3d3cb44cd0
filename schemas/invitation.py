"""Invitations to answer, and why one is not sent."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Suppression(StrEnum):
    """Why a customer is not asked after a touchpoint that asks."""

    LATE = "late"
    """The event was told of a day or more after it happened, as all of an import are."""
    NO_CUSTOMER = "no_customer"
    """The event does not say whose it is, so that nobody can be spared from being asked too often."""
    NOT_SAMPLED = "not_sampled"
    """The touchpoint asks a share of its customers only, and this one is not among them."""
    CONTACT_FATIGUE = "contact_fatigue"
    """The customer has been asked as often as the rule allows."""


class Invitation(BaseModel):
    """An invitation as it travels on `survey-invitations`, for the organisation's own system to send on.

    It does not name the customer: whoever sent the event (source, event_id) knows whom it was about. `link` leads to
    the page where the questions can be answered, each once.
    """

    model_config = ConfigDict(frozen=True)

    invitation_id: str
    journey: str
    case_id: str
    touchpoint: str
    source: str
    event_id: str
    questions: tuple[str, ...]
    invited_at: datetime
    link: str
