"""The key with which a source sends events over HTTP: `klr_ID_SECRET`, of which only ID and a digest are stored.

The secret is 256 random bits, so its plain SHA-256 cannot be turned back by guessing. The shape of a key is fixed, so
that programs that look for leaked secrets can find it: `klr_[0-9a-f]{12}_[0-9a-f]{64}`.
"""

import hashlib
import hmac
import re
from secrets import token_hex
from typing import NamedTuple, Self

_SHAPE = re.compile(r"klr_([0-9a-f]{12})_([0-9a-f]{64})", re.ASCII)


class ApiKey(NamedTuple):
    """A key in two parts: the id that names it, which is no secret, and the secret."""

    key_id: str
    secret: str

    @classmethod
    def new(cls) -> Self:
        """Return a key that nobody has."""
        return cls(token_hex(6), token_hex(32))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the key that a text is; None if it is none."""
        found = _SHAPE.fullmatch(text)
        return cls(*found.groups()) if found else None

    @property
    def text(self) -> str:
        """What its holder sends."""
        return f"klr_{self.key_id}_{self.secret}"

    @property
    def digest(self) -> bytes:
        """What is stored of the secret (SHA-256, 32 bytes)."""
        return hashlib.sha256(self.secret.encode()).digest()

    def matches(self, digest: bytes) -> bool:
        """Say whether a stored digest is of this key's secret, in a time that does not depend on the answer."""
        return hmac.compare_digest(self.digest, digest)

    def __repr__(self) -> str:
        return f"ApiKey({self.key_id!r})"
