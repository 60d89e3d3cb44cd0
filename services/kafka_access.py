"""How Kafka is reached, and who we say we are there: one place for every client of ours."""

import ssl
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import SecretStr

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"]


@dataclass(frozen=True)
class KafkaAccess:
    """The address of some brokers (host:port, by commas) and how they are spoken to.

    Over TLS a broker shows a certificate for its host's name, vouched for by `ca_file` (PEM), or without one by those
    whom this machine trusts. `username` and `password` are used where the protocol is one of SASL's.
    """

    address: str
    protocol: SecurityProtocol = "PLAINTEXT"
    mechanism: SaslMechanism = "SCRAM-SHA-512"
    username: str = ""
    password: SecretStr = field(default_factory=lambda: SecretStr(""))
    ca_file: str = ""

    def __str__(self) -> str:
        """Say where Kafka is and how it is spoken to, for messages: never the password."""
        named = f" as {self.username}" if self._is_named else ""
        return self.address if self.protocol == "PLAINTEXT" else f"{self.address} ({self.protocol}{named})"

    def client(self) -> dict[str, Any]:
        """Return the arguments of a Kafka client, by the names that kafka-python and aiokafka share.

        Raises OSError if the file of certificates cannot be read.
        """
        arguments: dict[str, Any] = {
            "bootstrap_servers": self.address.split(","),
            "security_protocol": self.protocol,
        }
        if self._is_encrypted:
            arguments["ssl_context"] = self._tls()
        if self._is_named:
            arguments["sasl_mechanism"] = self.mechanism
            arguments["sasl_plain_username"] = self.username
            arguments["sasl_plain_password"] = self.password.get_secret_value()
        return arguments

    @property
    def _is_encrypted(self) -> bool:
        return self.protocol.endswith("SSL")

    @property
    def _is_named(self) -> bool:
        return self.protocol.startswith("SASL")

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file or None)
