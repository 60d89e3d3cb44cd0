"""A sender goes as fast as its rate allows and no faster, however its requests fall."""

from hypothesis import given
from hypothesis import strategies as st

from services.monitor.ingest.token_bucket import Rate

RATES = st.builds(Rate, st.integers(1, 5_000).map(float), st.integers(5_000, 50_000).map(float))
REQUESTS = st.lists(st.tuples(st.floats(0, 20), st.integers(1, 5_000)), min_size=1, max_size=60)


@given(RATES, REQUESTS)
def test_no_stretch_of_time_brings_more_than_burst_and_rate_allow(
    rate: Rate, requests: list[tuple[float, int]]
) -> None:
    now, bucket, sent = 0.0, rate.full(0.0), list[tuple[float, int]]()
    for pause, amount in requests:
        now += pause
        if rate.wait(bucket, amount, now) == 0:
            bucket = rate.take(bucket, amount, now)
            sent.append((now, amount))
    for place, (begun, _) in enumerate(sent):
        total = 0
        for at, amount in sent[place:]:
            total += amount
            assert total <= rate.burst + rate.per_second * (at - begun) + 1e-3


@given(RATES, REQUESTS)
def test_who_waits_as_told_may_send(rate: Rate, requests: list[tuple[float, int]]) -> None:
    now, bucket = 0.0, rate.full(0.0)
    for pause, amount in requests:
        now += pause
        now += rate.wait(bucket, amount, now)
        assert rate.wait(bucket, amount, now) < 1e-6
        bucket = rate.take(bucket, amount, now)


def test_a_table_of_what_is_left() -> None:
    rate = Rate(per_second=10, burst=100)
    bucket = rate.full(50.0)
    assert rate.left(bucket, 1_000.0) == 100  # never more than the burst
    bucket = rate.take(bucket, 70, 50.0)
    assert rate.left(bucket, 50.0) == 30
    assert rate.left(bucket, 52.0) == 50
    assert rate.wait(bucket, 60, 50.0) == 3
    assert rate.wait(bucket, 60, 53.0) == 0
