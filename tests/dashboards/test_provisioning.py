"""What Grafana reads from deploy/grafana, and whether it and the dashboards speak of the same."""

from collections.abc import Iterator
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.alerting import DEPLOY
from tests.conftest import CHECKOUT
from tests.dashboards.committed import FOLDER, Asked, queries, read

_yaml = YAML(typ="safe", pure=True)
PROVISIONING = DEPLOY / "grafana" / "provisioning"


def provisioned(kind: str) -> dict[str, Any]:
    loaded: dict[str, Any] = _yaml.load(PROVISIONING / kind / "klantreis.yml")
    assert loaded["apiVersion"] == 1
    return loaded


def rules() -> list[dict[str, Any]]:
    return [rule for group in provisioned("alerting")["groups"] for rule in group["rules"]]


def asked_by_rules() -> Iterator[Asked]:
    for rule in rules():
        for query in rule["data"]:
            model = query["model"]
            if query["datasourceUid"] != "__expr__":
                yield Asked(rule["title"], query["datasourceUid"], model.get("rawSql") or model["expr"])


def test_whom_dashboards_and_rules_ask_is_a_data_source() -> None:
    types = {source["uid"]: source["type"] for source in provisioned("datasources")["datasources"]}
    for file in FOLDER.glob("*/*.json"):
        for asked in queries(read(file.stem, file.parent.name)):
            assert asked.source in types
        for panel in read(file.stem, file.parent.name)["panels"]:
            for target in panel.get("targets", ()):
                assert target["datasource"]["type"] == types[target["datasource"]["uid"]]
    assert {asked.source for asked in asked_by_rules()} <= types.keys()


def test_the_database_is_described_as_grafana_wants_it_from_12_2_on() -> None:
    (source,) = (each for each in provisioned("datasources")["datasources"] if each["uid"] == "klantreis")
    assert source["type"] == "grafana-postgresql-datasource"
    assert source["jsonData"]["database"]
    assert source["jsonData"]["timescaledb"] is True
    assert source["secureJsonData"].keys() == {"password"}
    assert "database" not in source
    assert source["user"] == "klantreis_reader"


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["title"])
def test_a_rule_says_what_is_wrong_and_asks_what_it_names(rule: dict[str, Any]) -> None:
    assert {"summary", "description", "runbook_url", "dashboard_url"} <= rule["annotations"].keys()
    headings = [line[3:].lower() for line in (CHECKOUT / "docs" / "runbook.md").read_text().splitlines()]
    assert rule["annotations"]["runbook_url"].partition("#")[2] == rule["title"].lower()
    assert rule["title"].lower() in headings
    named = {query["refId"] for query in rule["data"]}
    assert rule["condition"] in named
    for query in rule["data"]:
        assert query["model"]["refId"] == query["refId"]
        assert query["model"].get("expression", query["refId"]) in named
    assert (rule["noDataState"], rule["execErrState"]) == ("Alerting", "Alerting")


def test_rules_reach_the_alertmanager_of_the_others() -> None:
    alerting = provisioned("alerting")
    (contact,) = alerting["contactPoints"]
    (receiver,) = contact["receivers"]
    (source,) = (each for each in provisioned("datasources")["datasources"] if each["uid"] == "alertmanager")
    assert receiver["settings"]["url"] == source["url"]
    assert [policy["receiver"] for policy in alerting["policies"]] == [contact["name"]]
