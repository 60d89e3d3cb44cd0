"""The lock between those who send to the embedded broker and who renews it."""

from pathlib import Path

import pytest

from services.intake import Intake, IntakeClosed


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    made = Intake(tmp_path)
    made.make()
    return made


def test_it_closes_when_nobody_sends_and_opens_again(intake: Intake) -> None:
    with intake.closed(0.0) as alone:
        assert alone
        assert intake.closing
        with pytest.raises(IntakeClosed, match="in some seconds"), intake.sending():
            pass
    assert not intake.closing
    with intake.sending():
        pass


def test_it_does_not_close_while_somebody_sends(intake: Intake) -> None:
    with intake.sending(), intake.sending(), intake.closed(0.1) as alone:
        assert not alone
    with intake.closed(0.0) as alone:
        assert alone


def test_who_sends_sees_that_it_wants_to_close_and_nobody_begins_any_more(intake: Intake) -> None:
    with intake.sending(), intake.closed(0.0):
        assert intake.closing
        with pytest.raises(IntakeClosed), Intake(intake._lock.parent).sending(0.1):
            pass


def test_each_broker_has_a_generation(intake: Intake) -> None:
    before = intake.generation
    intake.renewed()
    assert intake.generation != before


def test_what_an_earlier_run_left_closed_opens(intake: Intake) -> None:
    intake._closing.touch()
    intake.make()
    with intake.sending():
        pass


def test_beside_another_broker_it_is_always_open(tmp_path: Path) -> None:
    with Intake(tmp_path).sending():
        assert list(tmp_path.iterdir()) == []
    assert Intake(tmp_path).generation == 0
