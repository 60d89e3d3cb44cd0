"""Every Prometheus metric: name, type, help, labels.

Labels are bounded: a journey, a KPI, a touchpoint, a department, a span, a rolling window, a reason, a topic. Never a
case, a customer or an employee. Durations are in seconds. Medians and p90s are gauges of their own rather than the
quantiles of a summary: a rolling window falls as well as rises, and no sum over them means anything.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """One metric family. A counter's samples get `_total` after this name, an info's `_info`."""

    name: str
    kind: Literal["gauge", "counter", "info", "histogram"]
    help: str
    labels: tuple[str, ...] = ()


_TOUCHPOINT = ("journey", "touchpoint", "department", "window")
_KPI = ("journey", "kpi")
_SCORE = ("journey", "touchpoint", "department", "measure", "window")
_SPAN = ("journey", "span", "window")

UP = Metric("klantreis_up", "gauge", "1 if the last attempt to read the database succeeded, else 0.")
SNAPSHOT_AGE = Metric(
    "klantreis_snapshot_age_seconds",
    "gauge",
    "How long ago the figures of this page were read. They stay, growing older, while the database is away.",
)
WORKER_SEEN = Metric(
    "klantreis_worker_seen_timestamp_seconds", "gauge", "When a worker last said where the log ends, in Unix time."
)
LAG_RECORDS = Metric("klantreis_lag_records", "gauge", "Records in the log that have not been counted yet.")
LAG_SECONDS = Metric(
    "klantreis_lag_seconds",
    "gauge",
    "How long the oldest record that has not been counted is known to wait, 0 if there is none. A lower bound: what "
    "waited before this process started is not known to it.",
)
REJECTS = Metric("klantreis_rejects", "counter", "Records that could not be counted, by reason.", ("reason",))
INTERRUPTIONS = Metric(
    "klantreis_interruptions",
    "counter",
    "Times that a batch was not counted at the first go, by cause. Only overtaken by the log's retention loses events.",
    ("cause",),
)

TOUCHPOINT_VOLUME = Metric(
    "klantreis_touchpoint_volume", "gauge", "Visits to a touchpoint in a rolling window.", _TOUCHPOINT
)
GAP_MEDIAN = Metric(
    "klantreis_gap_median_seconds",
    "gauge",
    "Median of the time between a touchpoint and the one before it.",
    _TOUCHPOINT,
)
GAP_P90 = Metric(
    "klantreis_gap_p90_seconds",
    "gauge",
    "90th percentile of the time between a touchpoint and the one before it.",
    _TOUCHPOINT,
)
GAP_OBSERVATIONS = Metric(
    "klantreis_gap_observations", "gauge", "How many gaps the median and the p90 rest on.", _TOUCHPOINT
)
GAP_LIMIT = Metric(
    "klantreis_gap_limit_seconds",
    "gauge",
    "The longest that the gap before a touchpoint may last.",
    ("journey", "touchpoint"),
)

THROUGHPUT_MEDIAN = Metric(
    "klantreis_throughput_median_seconds",
    "gauge",
    "Median throughput time of a span, or of the whole case (span 'case'), that ended in a rolling window.",
    _SPAN,
)
THROUGHPUT_P90 = Metric(
    "klantreis_throughput_p90_seconds", "gauge", "90th percentile of the throughput time of a span.", _SPAN
)
THROUGHPUT_OBSERVATIONS = Metric(
    "klantreis_throughput_observations", "gauge", "How many ended spans the median and the p90 rest on.", _SPAN
)
THROUGHPUT_LIMIT = Metric(
    "klantreis_throughput_limit_seconds", "gauge", "The longest that a span may last.", ("journey", "span")
)

WITHIN_SHARE = Metric(
    "klantreis_within_share",
    "gauge",
    "Share (0 to 1) of the limits that fell in a rolling window whose span had ended by then. One that is still open "
    "past its limit was not kept. Absent where none fell.",
    _SPAN,
)
WITHIN_DUE = Metric("klantreis_within_due", "gauge", "How many limits of a span fell in a rolling window.", _SPAN)

COMPLAINTS = Metric("klantreis_complaints", "gauge", "Complaints about a touchpoint in a rolling window.", _TOUCHPOINT)
SCORES = Metric(
    "klantreis_scores",
    "gauge",
    "Scores of a measure that customers gave about a touchpoint, as far as they are released.",
    _SCORE,
)
SCORE = Metric(
    "klantreis_score",
    "gauge",
    "Mean score in points of the measure's scale; the share of yes for a question of yes or no; NPS from -100 to 100. "
    "Absent where there are too few scores.",
    _SCORE,
)
SCORE_LOW = Metric("klantreis_score_low", "gauge", "Where the 95 % interval of klantreis_score begins.", _SCORE)
SCORE_HIGH = Metric("klantreis_score_high", "gauge", "Where the 95 % interval of klantreis_score ends.", _SCORE)

KPI_STATE = Metric(
    "klantreis_kpi_state", "gauge", "1 for the state that a KPI is in, 0 for the others.", ("journey", "kpi", "state")
)
KPI_ALERT = Metric(
    "klantreis_kpi_alert",
    "gauge",
    "1 while a KPI is not on its norm, as decided by its test, from its service hours on; else 0.",
    _KPI,
)
KPI_VALUE = Metric(
    "klantreis_kpi_value",
    "gauge",
    "What a KPI came to since its evidence began or its state changed, in the unit of its norm; shares are 0 to 1.",
    _KPI,
)
KPI_NORM = Metric("klantreis_kpi_norm", "gauge", "The norm of a KPI.", _KPI)
KPI_OBSERVATIONS = Metric("klantreis_kpi_observations", "gauge", "How many values klantreis_kpi_value rests on.", _KPI)
KPI_JUDGED = Metric("klantreis_kpi_judged_timestamp_seconds", "gauge", "When a KPI was last judged.", _KPI)
KPI_INFO = Metric(
    "klantreis_kpi",
    "info",
    "What a KPI is called, whom it concerns, and whether its norm is in points or a share.",
    (*_KPI, "name_nl", "name_en", "touchpoint", "department", "severity", "owner", "runbook", "unit"),
)

CASES_OPEN = Metric("klantreis_cases_open", "gauge", "Cases that are open.", ("journey",))
CASES_OVERDUE = Metric(
    "klantreis_cases_overdue", "gauge", "Open cases that have lasted longer than the limit of a case.", ("journey",)
)
OLDEST_WAITING = Metric(
    "klantreis_oldest_waiting_seconds",
    "gauge",
    "How long the open case that has waited longest has been without a touchpoint, 0 if no case is open.",
    ("journey",),
)
CASES_FLAGGED = Metric(
    "klantreis_cases_flagged",
    "gauge",
    "Cases that have been flagged and still are: kind 'waiting' stay at the touchpoint for longer than its limit, kind "
    "'missing' lack the touchpoint, which had to follow by now.",
    ("journey", "touchpoint", "kind"),
)

_TOPIC = ("topic",)
BATCH_RECORDS = Metric("klantreis_worker_batch_records", "histogram", "Records that one transaction counted.", _TOPIC)
BATCH_SECONDS = Metric(
    "klantreis_worker_batch_seconds",
    "histogram",
    "How long it took to count a batch, from its turn until it was durable, tries that failed included.",
    _TOPIC,
)
DATABASE_SECONDS = Metric(
    "klantreis_worker_database_seconds",
    "counter",
    "Seconds that connections of this worker waited for the database; several wait side by side.",
)
WORKER_LAG_RECORDS = Metric(
    "klantreis_worker_lag_records",
    "gauge",
    "Records of the partitions that this worker reads which have not been counted.",
    _TOPIC,
)
WORKER_LAG_SECONDS = Metric(
    "klantreis_worker_lag_seconds",
    "gauge",
    "How long the oldest of them is known to wait, 0 if there is none.",
    _TOPIC,
)

WORKER = (BATCH_RECORDS, BATCH_SECONDS, DATABASE_SECONDS, WORKER_LAG_RECORDS, WORKER_LAG_SECONDS)
"""What each worker shows of itself. All else is on every monitor."""

ALL = (
    UP,
    SNAPSHOT_AGE,
    WORKER_SEEN,
    LAG_RECORDS,
    LAG_SECONDS,
    REJECTS,
    INTERRUPTIONS,
    TOUCHPOINT_VOLUME,
    GAP_MEDIAN,
    GAP_P90,
    GAP_OBSERVATIONS,
    GAP_LIMIT,
    THROUGHPUT_MEDIAN,
    THROUGHPUT_P90,
    THROUGHPUT_OBSERVATIONS,
    THROUGHPUT_LIMIT,
    WITHIN_SHARE,
    WITHIN_DUE,
    COMPLAINTS,
    SCORES,
    SCORE,
    SCORE_LOW,
    SCORE_HIGH,
    KPI_STATE,
    KPI_ALERT,
    KPI_VALUE,
    KPI_NORM,
    KPI_OBSERVATIONS,
    KPI_JUDGED,
    KPI_INFO,
    CASES_OPEN,
    CASES_OVERDUE,
    OLDEST_WAITING,
    CASES_FLAGGED,
)
