"""A consumer group on a real broker: what mends a stuck group of the embedded one does no harm here."""

import pytest

from services.group_watch import free_group
from services.settings import Settings
from tests.conftest import Processes
from tests.desk import Desk
from tests.sending import Sender
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(120)


def test_a_group_with_members_is_not_freed(
    settings: Settings, processes: Processes, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = processes.start("worker")
    try:
        wait_until(lambda: worker.log.read_text().count("reading") == 12, 40, "the worker reads all partitions")
        free_group(settings.kafka, settings.group)
        assert "NonEmptyGroup" in capsys.readouterr().out
        with Sender(settings) as sender:
            desk = Desk(settings, sender, "members")
            desk.send(desk.passages(range(5)))
            sender.wait_until_counted()
        assert desk.differences() == []
        assert worker.log.read_text().count("reading") == 12
    finally:
        assert worker.stop(30)
