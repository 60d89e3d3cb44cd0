"""The snapshot as Prometheus reads it."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from schemas import metrics
from schemas.journey import parse_journey
from services.lag import Lag, PartitionLag
from services.monitor.figures.snapshot import Poller
from services.monitor.operation.metrics import SnapshotCollector
from services.store.reading import Subject
from streams.kpi import State
from tests.snapshots import (
    BALIE,
    DAY,
    NOW,
    gap,
    histogram,
    journey_snapshot,
    kpi_row,
    poller,
    scores,
    snapshot,
    throughput,
    volume,
    within,
)

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scraped(held: Poller) -> Samples:
    registry = CollectorRegistry()
    registry.register(SnapshotCollector(held, 20))
    text = generate_latest(registry).decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def names(samples: Iterable[tuple[str, object]]) -> set[str]:
    return {name for name, _ in samples}


FULL = snapshot(
    journey_snapshot(
        {
            **volume("gesteld", 30),
            **volume("gesteld", 12, "VG"),
            **gap("bericht", [DAY] * 9 + [10 * DAY]),
            **throughput("case", [5 * DAY] * 4, "antwoord"),
            **within("case", kept=3, missed=1, touchpoint=""),
            **scores("antwoord", [7, 9] * 10),
            **scores("bericht", [8] * 19, "effort"),
            Subject("complaints", "", "antwoord", "KCC"): histogram("complaints", [1, 1]),
        },
        None,
        kpi_row(),
        kpi_row("bericht", state="too_few", below=False, told_at=None, shown_n=1, shown_value=None),
    ),
    rejects={"malformed_json": 7},
    interruptions={"contention": 2},
    lag=Lag((PartitionLag("touchpoint-events", 0, 5, 8, 3, NOW - timedelta(seconds=4)),), NOW - timedelta(seconds=1)),
)


def test_what_is_exported() -> None:
    found = scraped(poller(FULL, NOW + timedelta(seconds=2)))
    assert of(found, "klantreis_up") == 1
    assert of(found, "klantreis_snapshot_age_seconds") == 2
    assert of(found, "klantreis_worker_seen_timestamp_seconds") == (NOW - timedelta(seconds=1)).timestamp()
    assert (of(found, "klantreis_lag_records"), of(found, "klantreis_lag_seconds")) == (3, 4)
    assert of(found, "klantreis_rejects_total", reason="malformed_json") == 7
    assert of(found, "klantreis_rejects_total", reason="too_large") == 0
    assert of(found, "klantreis_interruptions_total", cause="contention") == 2
    assert of(found, "klantreis_interruptions_total", cause="fenced") == 0
    assert of(found, "klantreis_cases_open", journey="balie") == 12
    assert of(found, "klantreis_cases_overdue", journey="balie") == 3
    assert of(found, "klantreis_oldest_waiting_seconds", journey="balie") == 3 * 86_400


def test_flags_are_zero_for_whatever_can_be_flagged() -> None:
    drawn = parse_journey(
        BALIE.replace("gap_limit: P2D", "waiting_limit: P2D").replace(
            "initiator: customer", "initiator: customer, expects: {touchpoint: bericht, within: P1D}"
        )
    )
    flagged = {("missing", "bericht"): 3, ("waiting", "vroeger"): 1}  # the last one by a former version
    found = scraped(poller(snapshot(replace(journey_snapshot(), drawn=drawn, flagged=flagged))))
    held = {labels: value for (name, labels), value in found.items() if name == "klantreis_cases_flagged"}
    assert {(dict(labels)["kind"], dict(labels)["touchpoint"]): value for labels, value in held.items()} == {
        ("waiting", "bericht"): 0,
        ("missing", "bericht"): 3,
        ("waiting", "vroeger"): 1,
    }


def test_durations_are_seconds_by_touchpoint_department_and_window() -> None:
    found = scraped(poller(FULL))
    labels = {"journey": "balie", "touchpoint": "bericht", "department": "KCC", "window": "24h"}
    assert of(found, "klantreis_gap_median_seconds", **labels) == pytest.approx(86_400, rel=0.01)
    assert of(found, "klantreis_gap_p90_seconds", **labels) == pytest.approx(86_400, rel=0.01)
    assert of(found, "klantreis_gap_observations", **labels) == 10
    assert of(found, "klantreis_gap_limit_seconds", journey="balie", touchpoint="antwoord") == 7 * 86_400
    for department, n in (("KCC", 30), ("VG", 12)):
        labels = {"journey": "balie", "touchpoint": "gesteld", "department": department, "window": "28d"}
        assert of(found, "klantreis_touchpoint_volume", **labels) == n
    labels = {"journey": "balie", "span": "case", "window": "28d"}
    assert of(found, "klantreis_throughput_median_seconds", **labels) == pytest.approx(5 * 86_400, rel=0.01)
    assert of(found, "klantreis_throughput_observations", **labels) == 4


def test_scores_come_with_their_interval_once_there_are_enough() -> None:
    found = scraped(poller(FULL))
    labels = {"journey": "balie", "department": "KCC", "window": "28d"}
    many = {**labels, "touchpoint": "antwoord", "measure": "satisfaction"}
    reach = 2.093 * (20 / 19 / 20) ** 0.5  # Student's t with 19 degrees of freedom
    assert of(found, "klantreis_scores", **many) == 20
    assert of(found, "klantreis_score", **many) == 8
    assert of(found, "klantreis_score_low", **many) == pytest.approx(8 - reach, abs=0.001)
    assert of(found, "klantreis_score_high", **many) == pytest.approx(8 + reach, abs=0.001)
    few = {**labels, "touchpoint": "bericht", "measure": "effort"}
    assert of(found, "klantreis_scores", **few) == 19
    assert ("klantreis_score", frozenset(few.items())) not in found


def test_complaints_are_counted_at_what_they_are_about() -> None:
    labels = {"journey": "balie", "touchpoint": "antwoord", "department": "KCC", "window": "28d"}
    assert of(scraped(poller(FULL)), "klantreis_complaints", **labels) == 2


def test_a_kpi_with_its_state_and_what_that_rests_on() -> None:
    found = scraped(poller(FULL))
    labels = {"journey": "balie", "kpi": "antwoord"}
    states = {state: of(found, "klantreis_kpi_state", **labels, state=state) for state in State}
    assert states == {"below_norm": 1, "on_norm": 0, "watch": 0, "too_few": 0, "stopped": 0}
    assert of(found, "klantreis_kpi_alert", **labels) == 1
    assert of(found, "klantreis_kpi_value", **labels) == pytest.approx(6.5833)
    assert (of(found, "klantreis_kpi_norm", **labels), of(found, "klantreis_kpi_observations", **labels)) == (7.5, 48)
    assert of(found, "klantreis_kpi_judged_timestamp_seconds", **labels) == (NOW - timedelta(seconds=20)).timestamp()
    said = {"name_nl": "Goed antwoord", "name_en": "Good answer", "touchpoint": "antwoord", "department": ""}
    whom = {"severity": "critical", "owner": "Jansen", "runbook": "https://wiki.example/antwoord", "unit": "points"}
    assert of(found, "klantreis_kpi_info", **labels, **said, **whom) == 1


@pytest.mark.parametrize(
    ("measure", "unit"), [("effort", "points"), ("nps", "points"), ("gap", "share"), ("complaints", "share")]
)
def test_what_a_kpi_is_in_goes_by_its_measure(measure: str, unit: str) -> None:
    journey = FULL.journeys["balie"]
    kpis = [replace(each, kpi=each.kpi.model_copy(update={"measure": measure})) for each in journey.kpis]
    found = scraped(poller(replace(FULL, journeys={"balie": replace(journey, kpis=kpis)})))
    units = {dict(labels)["unit"] for name, labels in found if name == "klantreis_kpi_info"}
    assert units == {unit}


def test_a_kpi_of_too_few_answers_has_no_value() -> None:
    found = scraped(poller(FULL))
    labels = {"journey": "balie", "kpi": "bericht"}
    assert of(found, "klantreis_kpi_state", **labels, state="too_few") == 1
    assert of(found, "klantreis_kpi_alert", **labels) == 0
    assert ("klantreis_kpi_value", frozenset(labels.items())) not in found


def test_an_alarm_that_waits_for_service_hours_is_no_alert_yet() -> None:
    found = scraped(poller(snapshot(journey_snapshot(None, None, kpi_row(told_at=None)))))
    labels = {"journey": "balie", "kpi": "antwoord"}
    assert of(found, "klantreis_kpi_state", **labels, state="below_norm") == 1
    assert of(found, "klantreis_kpi_alert", **labels) == 0


def test_limits_that_fell_are_told_of_spans_that_have_one() -> None:
    found = scraped(poller(FULL))
    labels = {"journey": "balie", "span": "case", "window": "28d"}
    assert (of(found, "klantreis_within_due", **labels), of(found, "klantreis_within_share", **labels)) == (4, 0.75)
    none = labels | {"span": "antwoordtermijn"}
    assert of(found, "klantreis_within_due", **none) == 0
    assert ("klantreis_within_share", frozenset(none.items())) not in found


def test_no_data_is_not_zero() -> None:
    found = scraped(poller(FULL))
    labels = {"journey": "balie", "span": "antwoordtermijn", "window": "28d"}
    assert of(found, "klantreis_throughput_observations", **labels) == 0
    assert ("klantreis_throughput_median_seconds", frozenset(labels.items())) not in found


def test_while_the_database_is_away_the_last_figures_stay_and_grow_older() -> None:
    held = poller(FULL, NOW + timedelta(minutes=10))
    held.failing = "connection refused"
    found = scraped(held)
    assert (of(found, "klantreis_up"), of(found, "klantreis_snapshot_age_seconds")) == (0, 600)
    assert of(found, "klantreis_cases_open", journey="balie") == 12


def test_the_figures_are_those_of_the_newest_snapshot() -> None:
    held = poller(FULL)
    collector = SnapshotCollector(held, 20)

    def cases_open() -> float:
        families = {family.name: family for family in collector.collect()}
        return families["klantreis_cases_open"].samples[0].value

    assert cases_open() == cases_open() == 12
    shown = FULL.journeys["balie"]
    held.snapshot = snapshot(replace(shown, counts=replace(shown.counts, open=13)))
    assert cases_open() == 13


def test_before_the_first_snapshot() -> None:
    assert scraped(poller(None)) == {("klantreis_up", frozenset()): 0.0}


def test_every_metric_follows_the_rules_for_names_and_labels() -> None:
    allowed = {"journey", "touchpoint", "department", "measure", "span", "window", "reason", "cause", "kind"}
    allowed |= {"kpi", "state", "name_nl", "name_en", "severity", "owner", "runbook", "unit", "topic"}
    every = (*metrics.ALL, *metrics.WORKER)
    for metric in every:
        assert re.fullmatch(r"klantreis_[a-z0-9_]+", metric.name)
        assert not metric.name.endswith(("_total", "_count", "_sum", "_bucket", "_info"))
        assert set(metric.labels) <= allowed
        assert metric.help.endswith(".")
    assert len({metric.name for metric in every}) == len(every)
    assert {each.name for each in vars(metrics).values() if isinstance(each, metrics.Metric)} == {
        metric.name for metric in every
    }


def test_a_full_snapshot_has_every_metric() -> None:
    exported = names(scraped(poller(FULL)))
    suffixes = {"counter": "_total", "info": "_info", "gauge": ""}
    assert exported == {metric.name + suffixes[metric.kind] for metric in metrics.ALL}


def test_registering_asks_for_no_figures() -> None:
    held = poller(None)
    registry = CollectorRegistry()
    registry.register(SnapshotCollector(held, 20))
    with pytest.raises(ValueError, match="Duplicated timeseries"):
        registry.register(SnapshotCollector(held, 20))
