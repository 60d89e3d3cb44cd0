"""What must not be stored as it came: customer references become digests, rejected bytes are sealed."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet

from services.derived_key import derived_key


class SecretMissingError(ValueError):
    """No secret was given."""


class Secrecy:
    """Keys derived from one secret (any text; the longer the better), each for one purpose."""

    def __init__(self, secret: str) -> None:
        """Raise SecretMissingError if the secret is empty."""
        if not secret:
            raise SecretMissingError(
                "KLANTREIS_SECRET is not set: without it customer references cannot be made pseudonymous"
            )
        self._customer_key = derived_key(secret, b"klantreis customer digest")
        self._seal = Fernet(urlsafe_b64encode(derived_key(secret, b"klantreis rejected bytes")))
        self.key_id = hashlib.sha256(self._customer_key).hexdigest()[:16]

    def digest(self, customer: str) -> bytes:
        """Return the keyed digest (HMAC-SHA256, 32 bytes) that stands for a customer reference."""
        return hmac.digest(self._customer_key, customer.encode(), "sha256")

    def seal(self, raw: bytes) -> bytes:
        """Encrypt the bytes of a rejected record."""
        return self._seal.encrypt(raw)

    def unseal(self, sealed: bytes) -> bytes:
        """Decrypt what `seal` made; raise cryptography's InvalidToken if it was made with another secret."""
        return self._seal.decrypt(sealed)
