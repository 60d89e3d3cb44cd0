"""The Kafka topics: names, keys, partitions and how long a broker keeps them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """A topic as it is created: every producer and consumer takes its name from here."""

    name: str
    partitions: int
    retention_days: int


TOUCHPOINT_EVENTS = Topic("touchpoint-events", partitions=4, retention_days=14)
SURVEY_ANSWERS = Topic("survey-answers", partitions=4, retention_days=14)
SURVEY_INVITATIONS = Topic("survey-invitations", partitions=1, retention_days=14)
REJECTED_EVENTS = Topic("rejected-events", partitions=1, retention_days=14)
KPI_CHECKS = Topic("kpi-checks", partitions=4, retention_days=1)
KPI_ALERTS = Topic("kpi-alerts", partitions=1, retention_days=14)

ALL = (TOUCHPOINT_EVENTS, SURVEY_ANSWERS, SURVEY_INVITATIONS, REJECTED_EVENTS, KPI_CHECKS, KPI_ALERTS)


def case_key(journey: str, case_id: str) -> bytes:
    """Return the record key that keeps one case in one partition. A help to speed: nothing relies on it."""
    return f"{journey}|{case_id}".encode()


def kpi_key(journey: str, kpi: str) -> bytes:
    """Return the record key that gives each KPI one who judges it at a time."""
    return f"{journey}|{kpi}".encode()
