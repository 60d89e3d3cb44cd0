"""A broker that asks for a name and a password (SCRAM) over TLS, as deploy/kafka/sasl-ssl.properties has it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
import pytest
from pydantic import SecretStr

from services.embedded.child import Child
from services.embedded.commands import command_child
from services.event_producer import BrokerFault, EventProducer
from services.kafka_access import KafkaAccess
from services.kafka_topics import BrokerUnreachableError, ensure_topics
from services.settings import Settings
from tests.certificates import write_certificates
from tests.desk import Desk
from tests.kafka.scram import known_as, scram_kafka
from tests.monitoring import running_monitor
from tests.sending import Sender
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(180)

PASSWORD = "a-password-for-tests-only"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def broker(scratch: Path, certificates: tuple[Path, Path]) -> Iterator[str]:
    """The address of an Apache Kafka of the module's own, with two users: itself, and klantreis."""
    kafka = scram_kafka(scratch / "secured", certificates, {"klantreis": PASSWORD})
    kafka.start()
    yield kafka.address
    kafka.stop()


@pytest.fixture(scope="module")
def secured(settings: Settings, certificates: tuple[Path, Path]) -> Settings:
    """The settings of who may come in."""
    return known_as(settings, "klantreis", PASSWORD, certificates)


@pytest.fixture(scope="module")
def worker(secured: Settings) -> Iterator[Child]:
    worker = command_child("worker", "worker", secured)
    worker.start()
    yield worker
    worker.stop(30)


def test_events_pass_from_http_and_from_a_client_through_worker_and_broker(secured: Settings, worker: Child) -> None:
    ensure_topics(secured.kafka)
    with Sender(secured) as sender:
        desk = Desk(secured, sender, "secured")
        desk.send(desk.passages(range(20)))
        sender.wait_until_counted()
        with running_monitor(secured) as monitor:  # it knows the journeys that are there when it starts
            posted = desk.event("vraag", 300, 3, occurred_at=datetime.now(UTC).replace(microsecond=0))
            answer = httpx.post(f"{monitor.address}/api/events/touchpoints", json=posted.model_dump(mode="json"))
            assert answer.status_code == 202, answer.text
            desk.sent.append(posted)
            desk.send(desk.passages(range(20, 25)), partition=1)
            sender.wait_until_counted()
            wait_until(lambda: desk.differences() == [], 30, "all counts once, what came over HTTP too")
            for child in (worker, monitor.child):
                assert PASSWORD not in Path(child.log).read_text()
                assert PASSWORD not in " ".join(psutil.Process(child.pid).cmdline())


def test_who_is_refused_is_told_as_whom_and_shows_no_password(secured: Settings) -> None:
    """A broker may hang up before its client has read why."""
    wrong = secured.model_copy(update={"kafka_password": SecretStr("wrong-and-secret")})
    worker = command_child("stranger", "worker", wrong)
    worker.start()
    assert worker.wait(90)
    assert worker.exit_code == 1
    said = Path(worker.log).read_text()
    assert f"no answer from the Kafka broker at {secured.broker} (SASL_SSL as klantreis)" in said
    assert "wrong-and-secret" not in said


def test_a_certificate_that_nobody_vouches_for_is_refused(secured: Settings, tmp_path: Path) -> None:
    strange, _ = write_certificates(tmp_path, "somebody else")
    with pytest.raises(BrokerUnreachableError, match="no answer from the Kafka broker"):
        ensure_topics(secured.model_copy(update={"kafka_ca_file": str(strange)}).kafka)


def test_who_does_not_say_who_he_is_stays_out(broker: str) -> None:
    with pytest.raises(BrokerFault, match="no broker answers"):
        EventProducer(KafkaAccess(broker), connect_seconds=2)
