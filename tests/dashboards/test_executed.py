"""Every query of every dashboard, asked: of PostgreSQL with the demo, of a Prometheus that scraped it."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from dashboards.all_boards import BOARDS
from schemas.touchpoint_event import TouchpointEvent
from services.settings import Settings
from tests.alerting import Server, running_prometheus
from tests.dashboards.committed import FILES, read
from tests.dashboards.demo import Demo, running_demo
from tests.dashboards.execution import Sources, failures
from tests.dashboards.test_provisioning import asked_by_rules
from tests.sending import parcels
from tests.waiting import wait_until

EMPTY: dict[str, str] = {}
"""What may come to nothing in a pipeline that is well, by where it is, and why."""

LIVE = parcels(
    [
        TouchpointEvent(
            source="proef",
            event_id="live",
            journey="omgevingsvergunning",
            case_id="PROEF-1",
            touchpoint="vergunningcheck",
            occurred_at=datetime.now(UTC),
            channel="web",
            department="KCC",
        )
    ]
)
"""What happens while Prometheus looks, so that it sees counters rise."""


@pytest.fixture(scope="module")
def demo(settings: Settings) -> Iterator[Demo]:
    with running_demo(settings, datetime.now(UTC)) as demo:
        yield demo


@pytest.fixture(scope="module")
def prometheus(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Prometheus that has scraped monitor and worker often enough for rates."""
    folder: Path = tmp_path_factory.mktemp("prometheus")
    jobs = {"klantreis": demo.monitor.address.removeprefix("http://"), "klantreis-worker": demo.worker}
    configuration = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [
            {"job_name": name, "static_configs": [{"targets": [address]}]} for name, address in jobs.items()
        ],
    }
    file = folder / "prometheus.json"  # JSON is YAML, too
    file.write_text(json.dumps(configuration))
    with running_prometheus(folder, file) as server:
        scraped = "min(count_over_time(up[1m])) >= 3 and count(up == 1) == 2"
        wait_until(
            lambda: server.get("/api/v1/query", query=scraped)["data"]["result"], 30, "Prometheus has scraped both"
        )
        demo.sender.send(LIVE)
        counted = "sum(rate(klantreis_worker_batch_records_sum[1m])) > 0"
        wait_until(
            lambda: server.get("/api/v1/query", query=counted)["data"]["result"], 30, "Prometheus has seen a batch"
        )
        yield server


@pytest.fixture
def sources(demo: Demo, prometheus: Server) -> Iterator[Sources]:
    """Both, the database as one who may read the schema `reporting` only."""
    with psycopg.connect(demo.database_url, options="-c TimeZone=UTC") as connection:
        connection.execute("SET ROLE dashboards_reader")
        connection.commit()
        yield Sources(connection, prometheus, datetime.now(UTC))
        connection.rollback()


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_query_tells_something(file: Path, sources: Sources) -> None:
    found = failures(json.loads(file.read_text()), sources)
    assert {place: fault for place, fault in found.items() if place not in EMPTY} == {}


@pytest.mark.parametrize("name", BOARDS)
def test_every_query_can_be_asked_of_one_only(name: str, sources: Sources) -> None:
    assert failures(read(name), sources, first=True) == {}


def test_every_alert_rule_of_grafana_can_be_asked(sources: Sources) -> None:
    board = {**read("pipeline"), "panels": [], "templating": {}}
    board["panels"] = [
        {"title": asked.place, "targets": [{"datasource": {"uid": asked.source}, "expr": asked.text}]}
        for asked in asked_by_rules()
    ]
    assert len(board["panels"]) == 2
    assert failures(board, sources) == {}


def test_a_renamed_column_is_caught(demo: Demo) -> None:
    with psycopg.connect(demo.database_url) as connection:
        sources = Sources(connection, None, datetime.now(UTC))
        assert failures(read("wallboard"), sources) == {}
        connection.execute("ALTER VIEW reporting.fact_hour RENAME COLUMN n TO number")
        found = failures(read("wallboard"), sources)
        connection.rollback()
    (fault,) = found.values()
    assert "column" in fault


def test_a_renamed_metric_is_caught(sources: Sources) -> None:
    board = deepcopy(read("pipeline"))
    target = board["panels"][0]["targets"][0]
    target["expr"] = target["expr"].replace("lag_seconds", "backlog_seconds")
    assert list(failures(board, sources).values()) == ["it comes to nothing"]


def test_what_nobody_may_read_is_caught(sources: Sources) -> None:
    board = deepcopy(read("wallboard"))
    board["panels"][0]["targets"][0]["rawSql"] = "SELECT case_id FROM public.cases"
    (fault,) = failures(board, sources).values()
    assert "permission denied" in fault
