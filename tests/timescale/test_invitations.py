"""Whom to ask, on TimescaleDB: tests of tests/contract/test_invitations.py that need no second session."""

from tests.contract.test_invitations import (  # noqa: F401
    counted,
    test_a_moment_that_asks_leads_to_an_invitation_and_a_letter,
    test_an_answer_is_noted_once,
    test_invitations_go_with_the_history_of_their_case,
)
