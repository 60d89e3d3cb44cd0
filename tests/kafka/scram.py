"""An Apache Kafka that asks for a name and a password over TLS, as deploy/kafka/sasl-ssl.properties has it."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from services.settings import Settings
from tests.apache_kafka import QUICK, SETTINGS, ApacheKafka, properties

BROKER = "kafka"
"""The user that the broker itself is."""

_PASSWORD_OF_BROKER = "another-one-for-tests-only"
_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule"


def scram_kafka(
    folder: Path, certificates: tuple[Path, Path], users: Mapping[str, str], more: Mapping[str, str] | None = None
) -> ApacheKafka:
    """Return one, not started, that knows users by their passwords; `more` are further properties of it."""
    settings = {
        **properties(SETTINGS / "sasl-ssl.properties"),
        **QUICK,
        **(more or {}),
        "ssl.truststore.location": str(certificates[0]),
        "ssl.keystore.location": str(certificates[1]),
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
            f'{_LOGIN} required username="{BROKER}" password="{_PASSWORD_OF_BROKER}";'
        ),
    }
    known = {BROKER: _PASSWORD_OF_BROKER, **users}
    scram = [f"SCRAM-SHA-512=[name={name},password={password}]" for name, password in known.items()]
    return ApacheKafka(folder, settings, scram)


def known_as(settings: Settings, user: str, password: str, certificates: tuple[Path, Path]) -> Settings:
    """Return the settings of who comes in as a user."""
    named = {"kafka_username": user, "kafka_password": SecretStr(password)}
    reached = {"kafka_security_protocol": "SASL_SSL", "kafka_ca_file": str(certificates[0])}
    return settings.model_copy(update={**named, **reached})


def as_broker(settings: Settings, certificates: tuple[Path, Path]) -> Settings:
    """Return the settings of an administrator."""
    return known_as(settings, BROKER, _PASSWORD_OF_BROKER, certificates)
