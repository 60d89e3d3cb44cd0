"""docker-compose.yml: valid, complete, and of one piece with the files that it mounts."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.apache_kafka import SETTINGS, properties
from tests.compose import FILE, OURS, compose, example, services
from tests.conftest import CHECKOUT

_yaml = YAML(typ="safe", pure=True)
SERVICES = services()


def each_service() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)


def test_it_is_valid_by_the_schema_of_compose_files() -> None:
    tool = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [tool, "--builtin-schema", "vendor.compose-spec", FILE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@each_service()
def test_an_image_has_a_version_and_a_service_its_limits(service: dict[str, Any]) -> None:
    assert re.fullmatch(r"[\w/]+:v?\d+\.\d+\.\d+(-pg17)?", service["image"])
    assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}
    assert service["restart"]
    assert service["logging"]["options"]["max-size"]


@each_service()
def test_what_is_mounted_is_there(service: dict[str, Any]) -> None:
    sources = [volume.split(":")[0] for volume in service.get("volumes", ())]
    for source in sources:
        assert (CHECKOUT / source).exists() if source.startswith("./") else source in compose()["volumes"]
    if "build" in service:
        assert (CHECKOUT / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_all_but_one_shots_and_workers_tell_how_they_are() -> None:
    silent = {name for name, service in SERVICES.items() if "healthcheck" not in service}
    assert silent == {"migrate", "worker"}


def test_whoever_is_waited_for_to_be_healthy_can_say_so() -> None:
    for service in SERVICES.values():
        for name, awaited in service.get("depends_on", {}).items():
            assert (awaited["condition"] == "service_healthy") == ("healthcheck" in SERVICES[name])


def test_every_secret_is_declared_used_and_in_the_example() -> None:
    named = [secret for service in SERVICES.values() for secret in service.get("secrets", ())]
    used = {secret if isinstance(secret, str) else secret["source"] for secret in named}
    declared = compose()["secrets"]
    assert used == declared.keys()
    assert {secret["environment"] for secret in declared.values()} <= example().keys()


def test_who_migrates_may_more_than_who_counts() -> None:
    roles = {"migrate": "migrator", "worker": "writer", "monitor": "writer"}
    for name, role in roles.items():
        (url,) = (each["source"] for each in SERVICES[name]["secrets"] if "source" in each)
        assert url == f"{role}_url"
        password = f"${{{role.upper()}_PASSWORD}}"
        database = f"postgresql://klantreis_{role}:{password}@timescaledb:5432/klantreis"
        assert example()[compose()["secrets"][url]["environment"]] == database


def test_no_secret_stands_in_the_environment_of_a_container() -> None:
    environment = [line for service in SERVICES.values() for line in service.get("environment", {}).items()]
    secret = re.compile("PASSWORD|SECRET|TOKEN|DATABASE_URL")
    assert [name for name, value in environment if secret.search(name) and not str(value).startswith("/run/")] == []


def test_only_this_machine_reaches_what_is_published() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


@pytest.mark.parametrize("name", OURS)
def test_ours_may_do_no_more_than_they_must(name: str) -> None:
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]


def test_kafka_is_the_version_that_the_tests_run_on() -> None:
    (version,) = re.findall(
        r"<artifactId>kafka_2.13</artifactId>\s*<version>([\d.]+)<", (SETTINGS / "pom.xml").read_text()
    )
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{version}"


def test_kafkas_log_lies_on_a_volume_and_its_address_is_its_name() -> None:
    settings = properties(SETTINGS / "server.properties")
    assert f"kafka:{settings['log.dirs']}" in SERVICES["kafka"]["volumes"]
    assert settings["advertised.listeners"] == f"PLAINTEXT://{SERVICES['worker']['environment']['KLANTREIS_BROKER']}"


def test_secured_settings_stand_for_lines_that_are_there_or_are_of_sasl_and_tls() -> None:
    plain, secured = properties(SETTINGS / "server.properties"), properties(SETTINGS / "sasl-ssl.properties")
    assert all(name in plain or name.startswith(("sasl.", "ssl.")) for name in secured)


def test_whoever_is_named_in_a_configuration_is_a_service() -> None:
    prometheus = _yaml.load(CHECKOUT / "deploy/prometheus/prometheus.yml")
    alertmanagers = prometheus["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]
    (monitors,) = prometheus["scrape_configs"][0]["dns_sd_configs"]
    sources = _yaml.load(CHECKOUT / "deploy/grafana/provisioning/datasources/klantreis.yml")["datasources"]
    addresses = [*alertmanagers, *monitors["names"], *(source["url"].removeprefix("http://") for source in sources)]
    assert {address.split(":")[0] for address in addresses} == {"alertmanager", "monitor", "timescaledb", "prometheus"}
    assert SERVICES.keys() >= {address.split(":")[0] for address in addresses}


def test_grafana_finds_its_password_and_the_dashboards_where_they_are_mounted() -> None:
    providers = _yaml.load(CHECKOUT / "deploy/grafana/provisioning/dashboards/klantreis.yml")["providers"]
    folders = {provider["options"]["path"].rpartition("/")[2]: provider for provider in providers}
    assert folders.keys() == {"nl", "en"}
    for language, provider in folders.items():
        parent = provider["options"]["path"].removesuffix(f"/{language}")
        assert f"./dashboards:{parent}:ro" in SERVICES["grafana"]["volumes"]
        assert list((CHECKOUT / "dashboards" / language).glob("*.json"))
    assert len({provider["folderUid"] for provider in providers}) == 2
    database, *_ = _yaml.load(CHECKOUT / "deploy/grafana/provisioning/datasources/klantreis.yml")["datasources"]
    file = re.fullmatch(r"\$__file\{/run/secrets/(\w+)\}", database["secureJsonData"]["password"])
    assert file
    assert file[1] in SERVICES["grafana"]["secrets"]
    assert "password" not in database["jsonData"]
    assert database["jsonData"]["database"] == SERVICES["timescaledb"]["environment"]["POSTGRES_DB"]


def test_alertmanager_finds_its_secrets_where_they_are_mounted() -> None:
    text = (CHECKOUT / "deploy/alertmanager/alertmanager.yml").read_text()
    named = set(re.findall(r"/etc/alertmanager/secrets/[\w-]+", text))
    assert {secret["target"] for secret in SERVICES["alertmanager"]["secrets"]} == named
