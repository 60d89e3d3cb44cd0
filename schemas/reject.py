"""What is said of a record that could not be counted."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Reason(StrEnum):
    """Why a record was refused; the label `reason` of `klantreis_rejects_total`."""

    MALFORMED_JSON = "malformed_json"
    TOO_LARGE = "too_large"
    INVALID_FIELD = "invalid_field"
    IN_THE_FUTURE = "in_the_future"
    UNKNOWN_JOURNEY = "unknown_journey"
    UNKNOWN_TOUCHPOINT = "unknown_touchpoint"
    EVENT_ID_REUSED = "event_id_reused"
    CASE_HISTORY_DROPPED = "case_history_dropped"
    ERASED = "erased"
    REFUSED_BY_DATABASE = "refused_by_database"


class Fault(BaseModel):
    """What is wrong with one record: the reason, the field (a dotted path, None for the whole), and a sentence."""

    model_config = ConfigDict(frozen=True)

    reason: Reason
    field: str | None
    detail: str


class Reject(BaseModel):
    """A fault and where its record came from, as it travels on `rejected-events`: never the raw bytes."""

    model_config = ConfigDict(frozen=True)

    reason: Reason
    field: str | None
    detail: str
    topic: str
    partition: int
    offset: int
    rejected_at: datetime
