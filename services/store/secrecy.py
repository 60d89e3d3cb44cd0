"""What must not be stored as it came: customer references become digests, rejected bytes are sealed."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence

import orjson
from cryptography.fernet import Fernet, MultiFernet

from services.derived_key import derived_key


class SecretMissingError(ValueError):
    """No secret was given."""


class Secrecy:
    """Keys derived from one secret (any text; the longer the better), each for one purpose.

    Secrets that were used before still open what they sealed, and still tell whom a digest stands for.
    """

    def __init__(self, secret: str, former: Sequence[str] = ()) -> None:
        """Raise SecretMissingError if the secret is empty."""
        if not secret:
            raise SecretMissingError(
                "KLANTREIS_SECRET is not set: without it customer references cannot be made pseudonymous"
            )
        secrets = (secret, *former)
        self._customer_key, *self._former_keys = (derived_key(each, b"klantreis customer digest") for each in secrets)
        self._tombstone_keys = [derived_key(each, b"klantreis tombstone") for each in secrets]
        self._seal = MultiFernet([_seal(each) for each in secrets])
        self.key_id = _key_id(self._customer_key)

    def digest(self, customer: str) -> bytes:
        """Return the keyed digest (HMAC-SHA256, 32 bytes) that stands for a customer reference."""
        return _digest(self._customer_key, customer)

    def former_digests(self, customer: str) -> Mapping[str, bytes]:
        """Return the digests that stood for a customer reference before, by the id of their key, newest first."""
        return {_key_id(key): _digest(key, customer) for key in self._former_keys}

    def tombstones(self, *names: str) -> Sequence[str]:
        """Return what stands for something of an erased customer, by what it was called, under every key, newest first.

        HMAC-SHA256, its first 16 bytes, in hexadecimal.
        """
        called = orjson.dumps(names)
        return [hmac.digest(key, called, "sha256")[:16].hex() for key in self._tombstone_keys]

    @property
    def key_ids(self) -> Sequence[str]:
        """The ids of all keys by which customers are known, newest first."""
        return [self.key_id, *map(_key_id, self._former_keys)]

    def seal(self, raw: bytes) -> bytes:
        """Encrypt the bytes of a rejected record."""
        return self._seal.encrypt(raw)

    def unseal(self, sealed: bytes) -> bytes:
        """Decrypt what `seal` made; raise cryptography's InvalidToken if it was made with another secret."""
        return self._seal.decrypt(sealed)


def _seal(secret: str) -> Fernet:
    return Fernet(urlsafe_b64encode(derived_key(secret, b"klantreis rejected bytes")))


def _digest(key: bytes, customer: str) -> bytes:
    return hmac.digest(key, customer.encode(), "sha256")


def _key_id(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:16]
