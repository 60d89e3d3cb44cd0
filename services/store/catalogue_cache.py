"""The journeys, read anew only when there is a version more."""

from schemas.journey import Catalogue
from services.store.connection import Connection
from services.store.journeys import version_of
from services.store.queries import load

_QUERIES = load("upkeep")


class CatalogueCache:
    """Keeps the catalogue that was read last. Versions are only ever added, so their number says if any is new."""

    def __init__(self) -> None:
        self._catalogue = Catalogue()
        self._versions = 0

    async def read(self, connection: Connection) -> Catalogue:
        """Return every version of every journey."""
        row = await (await connection.execute(_QUERIES["number_of_versions"])).fetchone()
        if row and row["n"] != self._versions:
            rows = await (await connection.execute(_QUERIES["versions"])).fetchall()
            self._catalogue, self._versions = Catalogue(version_of(row) for row in rows), len(rows)
        return self._catalogue
