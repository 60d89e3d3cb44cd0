"""Invitations to answer: why one is not sent."""

from enum import StrEnum


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
