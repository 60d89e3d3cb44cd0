"""Whose a key is: told apart by its whole secret, forgotten within seconds, believed while the database is away."""

import pytest

from services.api_key import ApiKey
from services.monitor.ingest.key_ring import ALONE_SECONDS, GOOD_SECONDS, KeyRing
from services.store.reading import Unreadable
from tests.keys import NOON, HeldKeys, Seconds

KEY = ApiKey("0123456789ab", "f" * 64)
OTHER = ApiKey("ba9876543210", "e" * 64)


@pytest.fixture
def keys() -> HeldKeys:
    return HeldKeys((KEY, "zaaksysteem"), (OTHER, "website"))


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def ring(keys: HeldKeys, seconds: Seconds) -> KeyRing:
    return KeyRing(keys, seconds, lambda: NOON)


def test_a_key_is_read_as_it_is_written() -> None:
    new = ApiKey.new()
    assert ApiKey.parse(new.text) == new
    assert new.text.startswith("klr_")
    assert new.secret not in repr(new)
    assert new.secret.encode() not in new.digest
    assert ApiKey.new() != new


@pytest.mark.parametrize(
    "text",
    [
        "",
        "klr_",
        "klr_0123456789ab",
        f"klr_0123456789ab_{'f' * 63}",
        f"klr_0123456789ab_{'F' * 64}",
        f" klr_0123456789ab_{'f' * 64}",
        f"klr_0123456789ab_{'f' * 64}\n",
        f"klr_0123456789ab_{'٣' * 64}",
    ],
)
def test_what_is_no_key(text: str) -> None:
    assert ApiKey.parse(text) is None


async def test_a_key_is_its_sources(ring: KeyRing) -> None:
    assert await ring.source(KEY) == "zaaksysteem"
    assert await ring.source(OTHER) == "website"


async def test_neither_half_of_a_key_is_enough(ring: KeyRing) -> None:
    assert await ring.source(ApiKey(KEY.key_id, OTHER.secret)) is None
    assert await ring.source(ApiKey("000000000000", KEY.secret)) is None


async def test_a_revoked_key_is_good_for_seconds_and_no_longer(ring: KeyRing, keys: HeldKeys, seconds: Seconds) -> None:
    assert await ring.source(KEY) == "zaaksysteem"
    del keys.held[KEY.key_id]
    seconds.now += GOOD_SECONDS
    assert await ring.source(KEY) is None
    assert await ring.source(OTHER) == "website"


async def test_any_number_of_unknown_keys_costs_one_query(ring: KeyRing, keys: HeldKeys) -> None:
    for _ in range(50):
        assert await ring.source(ApiKey.new()) is None
    assert keys.asked == 1


async def test_while_the_database_is_away_keys_stay_good_for_a_while(
    ring: KeyRing, keys: HeldKeys, seconds: Seconds
) -> None:
    assert await ring.source(KEY) == "zaaksysteem"
    keys.away = True
    seconds.now += ALONE_SECONDS
    assert await ring.source(KEY) == "zaaksysteem"
    seconds.now += GOOD_SECONDS
    with pytest.raises(Unreadable):
        await ring.source(KEY)
    keys.away = False
    assert await ring.source(KEY) == "zaaksysteem"


async def test_before_the_keys_were_ever_read_nobody_is_believed(ring: KeyRing, keys: HeldKeys) -> None:
    keys.away = True
    with pytest.raises(Unreadable):
        await ring.source(KEY)


async def test_use_is_noted_by_the_hour(ring: KeyRing, keys: HeldKeys) -> None:
    for _ in range(3):
        await ring.source(KEY)
    await ring.source(ApiKey(OTHER.key_id, KEY.secret))
    assert keys.noted == [(KEY.key_id, NOON.replace(minute=0))]
