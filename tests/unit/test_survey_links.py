"""Links to survey pages: whoever has one can use it, for some days, and nobody can make one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.survey_links import ExpiredLink, ForgedLink, SurveyLinks

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAYS = timedelta(days=14)
LINKS = SurveyLinks("a secret for tests only", "https://klant.example/", DAYS)
INVITATION = "64c56ff292493e685747c7c18181b2e6"
TOKEN = LINKS.token(INVITATION, NOW)


def test_a_link_leads_to_its_invitation() -> None:
    link = LINKS.link(INVITATION, NOW)
    beginning, _, token = link.rpartition("/")
    assert beginning == "https://klant.example/survey"
    assert LINKS.invitation_id(token, NOW) == INVITATION


def test_a_link_tells_nothing_and_fits_an_address_and_a_text_message() -> None:
    token = LINKS.token(INVITATION, NOW)
    assert INVITATION not in token
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert len(token) <= 160


@pytest.mark.parametrize(("age", "good"), [(timedelta(0), True), (DAYS - timedelta(seconds=1), True), (DAYS, False)])
def test_a_link_is_good_for_some_days(age: timedelta, good: bool) -> None:
    token = LINKS.token(INVITATION, NOW)
    if good:
        assert LINKS.invitation_id(token, NOW + age) == INVITATION
    else:
        with pytest.raises(ExpiredLink):
            LINKS.invitation_id(token, NOW + age)


@given(st.data())
def test_a_link_that_was_changed_anywhere_is_forged(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(TOKEN) - 2))  # the last character holds bits that mean nothing
    other = data.draw(st.sampled_from("Az0_-é%").filter(lambda each: each != TOKEN[place]))
    with pytest.raises(ForgedLink):
        LINKS.invitation_id(TOKEN[:place] + other + TOKEN[place + 1 :], NOW)


@pytest.mark.parametrize("token", ["", "abc", "gAAAAA", "ééé", "a" * 5000, "..", "=" * 8])
def test_what_is_no_link_is_forged(token: str) -> None:
    with pytest.raises(ForgedLink):
        LINKS.invitation_id(token, NOW)


def test_a_link_that_was_made_with_another_secret_is_forged() -> None:
    other = SurveyLinks("another secret", LINKS.address, DAYS)
    with pytest.raises(ForgedLink):
        LINKS.invitation_id(other.token(INVITATION, NOW), NOW)


def test_without_a_secret_anybody_could_make_links_so_none_is_good() -> None:
    nothing = SurveyLinks("", LINKS.address, DAYS)
    with pytest.raises(ForgedLink):
        nothing.invitation_id(nothing.token(INVITATION, NOW), NOW)


def test_links_outlive_their_secret() -> None:
    renewed = SurveyLinks("a new secret", LINKS.address, DAYS, former=["an old one", LINKS.secret])
    assert renewed.invitation_id(TOKEN, NOW) == INVITATION
    with pytest.raises(ExpiredLink):
        renewed.invitation_id(TOKEN, NOW + DAYS)
    with pytest.raises(ForgedLink):
        LINKS.invitation_id(renewed.token(INVITATION, NOW), NOW)


def test_an_old_forged_link_is_forged_rather_than_expired() -> None:
    token = LINKS.token(INVITATION, NOW - 2 * DAYS)
    with pytest.raises(ForgedLink):
        LINKS.invitation_id(token[:40] + token[41:] + "A", NOW)
