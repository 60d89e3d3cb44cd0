"""The store that a worker counts into, and how it counts: the same in each of its processes."""

from collections.abc import Callable
from datetime import timedelta

from services.settings import Settings
from services.store.postgres import CONNECTIONS, PostgresStore
from streams.invitations import FatigueRule
from streams.ports import Store
from streams.writing import Write
from streams.written_topics import writing


def store_of(settings: Settings, waited: Callable[[float], None], connections: int = CONNECTIONS) -> PostgresStore:
    """Return the store, which is still to be opened; `waited` is told how long it waits for the database, in seconds.

    Raises SecretMissingError.
    """
    link = settings.survey_links.link
    return PostgresStore(settings.database_url, settings.secrecy, link, settings.group, waited, connections=connections)


def writing_of(settings: Settings, store: Store) -> Write:
    """Return what writes records into the store."""
    return writing(store, FatigueRule(settings.invitations, timedelta(days=settings.invitation_days)))
