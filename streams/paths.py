"""The path of a case: the touchpoints that it has visited, in order, and the number that stands for them. Pure.

Cases of one path are of one variant ('variant').
"""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

_BYTES = 16


@lru_cache(maxsize=10_000)  # most cases go the way of others
def onward(path: UUID | None, touchpoint: str) -> UUID:
    """Return the path that goes on from another one, None before the first touchpoint, to a touchpoint.

    It is a digest of both (BLAKE2b, 128 bits): as long for any number of touchpoints, and the same for no two paths.
    """
    before = b"" if path is None else path.bytes
    return UUID(bytes=blake2b(before + touchpoint.encode(), digest_size=_BYTES).digest())


def path_of(touchpoints: Iterable[str]) -> UUID | None:
    """Return the path along touchpoints; None along none."""
    path: UUID | None = None
    for touchpoint in touchpoints:
        path = onward(path, touchpoint)
    return path
