"""Keys for one purpose each, derived from the one secret of the configuration."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derived_key(secret: str, purpose: bytes) -> bytes:
    """Return the 32 bytes that are the key for a purpose (HKDF, RFC 5869); who knows one key knows no other."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
