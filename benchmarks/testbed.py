"""What the cases run on: the embedded database and broker, fresh, in a folder of the run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kafka.admin import KafkaAdminClient
from pydantic import SecretStr

from benchmarks.traffic import journey
from schemas.topics import TOUCHPOINT_EVENTS
from services.embedded.broker import EmbeddedBroker
from services.embedded.database import EmbeddedDatabase
from services.settings import Settings
from services.store.journeys import apply_journey
from services.store.migrate import migrate

SECRET = "a secret for benchmarks only"


@contextmanager
def running_database(folder: Path) -> Iterator[EmbeddedDatabase]:
    """Run the database whose files lie in the folder, made if there are none, with our schema and journey."""
    database = EmbeddedDatabase(folder)
    database.start()
    try:
        migrate(database.url)
        apply_journey(database.url, journey())
        yield database
    finally:
        database.stop()


@contextmanager
def running_broker(folder: Path, partitions: int = TOUCHPOINT_EVENTS.partitions) -> Iterator[EmbeddedBroker]:
    """Run an empty broker with our topics, that of touchpoint events with so many partitions."""
    broker = EmbeddedBroker(folder)
    broker.start()
    try:
        if partitions != TOUCHPOINT_EVENTS.partitions:
            _make_anew(broker.address, partitions)
        yield broker
    finally:
        broker.stop()


def settings_for(folder: Path, database_url: str, broker: str) -> Settings:
    """Return the settings that the product's own commands run with: its defaults, on this testbed."""
    return Settings(data_dir=folder, database_url=database_url, broker=broker, secret=SecretStr(SECRET), json_logs=True)


def _make_anew(broker: str, partitions: int) -> None:
    name = TOUCHPOINT_EVENTS.name
    admin = KafkaAdminClient(bootstrap_servers=broker)
    try:
        admin.delete_topics([name])
        admin.create_topics({name: {"num_partitions": partitions, "replication_factor": -1}})
        admin.wait_for_topics([name])
    finally:
        admin.close()
