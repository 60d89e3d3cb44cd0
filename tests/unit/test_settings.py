"""Settings: where they come from, and what is wrong with them."""

import ssl
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.kafka_access import KafkaAccess
from services.settings import Settings


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody has set anything."""
    monkeypatch.setenv("KLANTREIS_DATA_DIR", str(tmp_path))
    for name in set(Settings.model_fields) - {"data_dir"}:
        monkeypatch.delenv(f"KLANTREIS_{name.upper()}", raising=False)


def test_a_secret_comes_from_a_file_unless_a_variable_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "klantreis_secret").write_text("from a file\n")
    (tmp_path / "klantreis_kafka_password").write_text("from a file, too")
    monkeypatch.setenv("KLANTREIS_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("KLANTREIS_KAFKA_PASSWORD", "from a variable")
    settings = Settings()
    assert settings.secret.get_secret_value() == "from a file"
    assert settings.kafka_password.get_secret_value() == "from a variable"
    assert "from a" not in repr(settings)


def test_a_folder_of_secrets_that_is_not_there_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLANTREIS_SECRETS_DIR", str(tmp_path / "nowhere"))
    assert Settings().secret.get_secret_value() == ""


@pytest.mark.parametrize(("given", "lacking"), [("username", "password"), ("password", "username")])
def test_sasl_needs_a_name_and_a_password(given: str, lacking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLANTREIS_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv(f"KLANTREIS_KAFKA_{given.upper()}", "x")
    with pytest.raises(ValidationError) as refused:
        Settings()
    (error,) = refused.value.errors()
    assert error["loc"] == (f"kafka_{lacking}",)
    assert "needed with KLANTREIS_KAFKA_SECURITY_PROTOCOL=SASL_SSL" in error["msg"]


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("kafka_security_protocol", "TLS", "SASL_SSL"),
        ("kafka_sasl_mechanism", "SCRAM", "SCRAM-SHA-512"),
        ("kafka_ca_file", "nowhere/ca.pem", "there is no file nowhere/ca.pem"),
    ],
)
def test_what_cannot_be_is_told_by_its_name(name: str, value: str, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"KLANTREIS_{name.upper()}", value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert [error["loc"] for error in refused.value.errors()] == [(name,)]
    assert word in str(refused.value)


def test_a_plain_broker_is_told_nothing_of_ours() -> None:
    assert KafkaAccess("a:1,b:2").client() == {"bootstrap_servers": ["a:1", "b:2"], "security_protocol": "PLAINTEXT"}


def test_over_tls_the_name_and_the_certificate_are_checked() -> None:
    tls = KafkaAccess("a:1", "SSL").client()["ssl_context"]
    assert (tls.verify_mode, tls.check_hostname) == (ssl.CERT_REQUIRED, True)
