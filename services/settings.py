"""Everything that can be set, read once, in mains only."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, HttpUrl, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SecretsSettingsSource, SettingsConfigDict

from services.kafka_access import KafkaAccess, SaslMechanism, SecurityProtocol
from services.store.secrecy import Secrecy
from services.survey_links import SurveyLinks
from services.trusted_proxies import TrustedProxies

LEAST_TOKEN = 20
"""How many characters a token has at least."""

RUNNING_FILE = "running.json"
"""In the data directory: where the parts that `klantreis up` started are to be found."""

_SECRETS_DIR = "/run/secrets"
_DATABASE_SCHEMES = ("postgresql://", "postgres://")


class Settings(BaseSettings):
    """The configuration of every command: from KLANTREIS_... variables, else from files, else from a running `up`.

    A file has a variable's name in small letters, as in klantreis_secret, and holds its value. They are in
    /run/secrets, where Docker mounts secrets, or in the folder that KLANTREIS_SECRETS_DIR names.

    `secret` is the key from which the keys for customer digests, survey links and the bytes of rejected records derive.
    `former_secrets` are those that it has replaced, by commas, for as long as what was made with them is to be read.
    `survey_address` is where customers reach the monitor; without it, links name the monitor's own host and port.
    Who shows `remarks_token` may read what customers wrote; without one, nobody may.
    `broker` names Kafka brokers by commas; over TLS their certificates are checked by `kafka_ca_file` (PEM).
    Groups of people of fewer than `smallest_group` visits are not shown, and figures by employee only if
    `employee_consent` says where the works council's consent is found.
    Who shows `read_token` may look at everything else; so may who comes through one of `trusted_proxies` (addresses
    and networks, by commas), which names them in `proxy_user_header`. Without either, everybody may; then the monitor
    listens to this machine only, unless `open` is set. Sources have to show keys if `require_keys` is set, or others
    than this machine can send. `key_rate` is how many events a second each key may send.
    `alertmanager_url` is where the monitor asks which alerts stand and mutes them; without one, it does neither.
    `grafana_url` is the Grafana that `klantreis dashboards publish` publishes to, with the `grafana_token` of a service
    account there.
    `worker_processes` is in how many processes a worker counts: as many as it has cores; with 1 it counts by itself.
    `broker_in_memory` says that the broker forgets what it holds when it stops, as the embedded one does.
    `broker_memory_mb` is how large the embedded broker may grow before a new one takes its place.
    `worker_metrics_port` is where a worker shows what it does, to Prometheus; 0: nowhere.
    """

    model_config = SettingsConfigDict(env_prefix="KLANTREIS_", frozen=True, extra="ignore", hide_input_in_errors=True)

    data_dir: Path = Path("data")
    database_url: str = Field(default="postgresql://klantreis@127.0.0.1:5432/klantreis", repr=False)
    broker: str = "127.0.0.1:9092"
    kafka_security_protocol: SecurityProtocol = "PLAINTEXT"
    kafka_sasl_mechanism: SaslMechanism = "SCRAM-SHA-512"
    kafka_username: str = Field(default="", validate_default=True)
    kafka_password: SecretStr = Field(default=SecretStr(""), validate_default=True)
    kafka_ca_file: str = ""
    secret: SecretStr = SecretStr("")
    former_secrets: SecretStr = SecretStr("")
    group: str = "klantreis"
    monitor_host: str = "127.0.0.1"
    monitor_port: int = 8080
    batch_records: int = Field(default=3500, ge=1)
    worker_processes: int = Field(default=2, ge=1)
    snapshot_seconds: float = Field(default=0.5, gt=0)
    session_seconds: float = Field(default=6.0, gt=0)
    json_logs: bool = False
    log_level: Literal["debug", "info", "warning"] = "info"
    invitations: int = Field(default=2, ge=1)
    invitation_days: int = Field(default=30, ge=1)
    survey_days: int = Field(default=14, ge=1)
    survey_address: str = ""
    remarks_token: SecretStr = SecretStr("")
    read_token: SecretStr = SecretStr("")
    proxy_user_header: str = ""
    trusted_proxies: str = ""
    require_keys: bool = False
    key_rate: int = Field(default=2000, ge=1)
    open: bool = False
    demo: bool = False
    release_answers: int = Field(default=5, ge=1)
    enough_answers: int = Field(default=20, ge=2)
    alertmanager_url: str = Field(default="", repr=False)
    broker_in_memory: bool = False
    broker_memory_mb: int = Field(default=1024, ge=1)
    worker_metrics_host: str = "127.0.0.1"
    worker_metrics_port: int = Field(default=0, ge=0, le=65535)
    grafana_url: str = ""
    grafana_token: SecretStr = SecretStr("")
    smallest_group: int = Field(default=5, ge=2)
    employee_consent: str = ""

    @field_validator("database_url")
    @classmethod
    def _is_of_postgresql(cls, url: str) -> str:
        if not url.startswith(_DATABASE_SCHEMES):  # the database's own words would repeat it, with the password
            raise ValueError("should be an address such as postgresql://user@host:5432/database")
        return url

    @field_validator("alertmanager_url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        return url and str(HttpUrl(url))

    @field_validator("kafka_username", "kafka_password")
    @classmethod
    def _is_there_for_sasl(cls, given: str | SecretStr, info: ValidationInfo) -> str | SecretStr:
        protocol = info.data.get("kafka_security_protocol", "")
        if protocol.startswith("SASL") and not len(given):
            raise ValueError(f"needed with KLANTREIS_KAFKA_SECURITY_PROTOCOL={protocol}")
        return given

    @field_validator("kafka_ca_file")
    @classmethod
    def _is_a_file(cls, name: str) -> str:
        if name and not Path(name).is_file():
            raise ValueError(f"there is no file {name}")
        return name

    @property
    def kafka(self) -> KafkaAccess:
        """How Kafka is reached."""
        return KafkaAccess(
            self.broker,
            self.kafka_security_protocol,
            self.kafka_sasl_mechanism,
            self.kafka_username,
            self.kafka_password,
            self.kafka_ca_file,
        )

    @field_validator("read_token")
    @classmethod
    def _is_beyond_guessing(cls, token: SecretStr) -> SecretStr:
        if 0 < len(token) < LEAST_TOKEN:
            raise ValueError(f"should have at least {LEAST_TOKEN} characters, so that nobody can guess it")
        return token

    @field_validator("trusted_proxies")
    @classmethod
    def _are_addresses(cls, addresses: str) -> str:
        TrustedProxies(addresses)
        return addresses

    @model_validator(mode="after")
    def _say_whom_the_header_is_believed_of(self) -> Self:
        if self.proxy_user_header and not self.trusted_proxies:
            raise ValueError("KLANTREIS_PROXY_USER_HEADER needs KLANTREIS_TRUSTED_PROXIES: who may say it")
        return self

    @property
    def asks_readers(self) -> bool:
        """Whether readers have to show who they are."""
        return bool(self.read_token or self.proxy_user_header)

    @property
    def survey_links(self) -> SurveyLinks:
        """How links to survey pages are made and read."""
        address = self.survey_address or f"http://{self.monitor_host}:{self.monitor_port}"
        return SurveyLinks(self.secret.get_secret_value(), address, timedelta(days=self.survey_days), self._former)

    @property
    def secrecy(self) -> Secrecy:
        """How customers are made pseudonymous and rejected bytes sealed; raises SecretMissingError."""
        return Secrecy(self.secret.get_secret_value(), self._former)

    @property
    def _former(self) -> tuple[str, ...]:
        return tuple(filter(None, self.former_secrets.get_secret_value().split(",")))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put files and a running `klantreis up` after the environment, before the defaults."""
        del dotenv_settings, file_secret_settings
        running = _RunningUp(settings_cls, env_settings, init_settings)
        return init_settings, env_settings, *_secrets(settings_cls), running


def _secrets(settings_cls: type[BaseSettings]) -> Iterator[PydanticBaseSettingsSource]:
    folder = Path(os.environ.get("KLANTREIS_SECRETS_DIR", _SECRETS_DIR))
    if folder.is_dir():  # the source warns of one that is not there
        yield SecretsSettingsSource(settings_cls, folder)


class _RunningUp(PydanticBaseSettingsSource):
    """The addresses that a running `klantreis up` wrote down in its data directory."""

    def __init__(self, settings_cls: type[BaseSettings], *earlier: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        self._earlier = earlier

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """Never called: all values are read at once."""
        raise LookupError(field_name)

    def __call__(self) -> dict[str, Any]:
        """Return what the running file holds; nothing if there is none."""
        data_dir = next((found["data_dir"] for source in self._earlier if "data_dir" in (found := source())), "data")
        running = Path(data_dir) / RUNNING_FILE
        return dict(json.loads(running.read_text())) if running.exists() else {}
