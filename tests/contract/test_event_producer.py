import pytest

from schemas.codec import MAX_RECORD_BYTES
from schemas.topics import TOUCHPOINT_EVENTS
from services.embedded.ports import free_port
from services.event_producer import BrokerFault, EventProducer
from services.kafka_access import KafkaAccess


def test_records_of_one_key_stand_in_order_in_one_partition(broker: str) -> None:
    with EventProducer(KafkaAccess(broker)) as producer:
        sent = [producer.send(TOUCHPOINT_EVENTS.name, b"journey|case", b"%d" % i) for i in range(500)]
        producer.flush()
        places = [promise.result(timeout=0) for promise in sent]
    assert {place[:2] for place in places} == {(TOUCHPOINT_EVENTS.name, places[0].partition)}
    assert [place.offset for place in places] == list(range(places[0].offset, places[0].offset + 500))


def test_keys_spread_over_the_partitions(broker: str) -> None:
    with EventProducer(KafkaAccess(broker)) as producer:
        sent = [producer.send(TOUCHPOINT_EVENTS.name, b"journey|%d" % i, b"x") for i in range(200)]
        partitions = {promise.result(timeout=30).partition for promise in sent}
    assert partitions == set(range(TOUCHPOINT_EVENTS.partitions))


def test_the_largest_record_that_we_take_passes(broker: str) -> None:
    with EventProducer(KafkaAccess(broker)) as producer:
        assert producer.send(TOUCHPOINT_EVENTS.name, b"key", b"x" * MAX_RECORD_BYTES).result(timeout=30).offset >= 0
        with pytest.raises(BrokerFault, match=TOUCHPOINT_EVENTS.name):
            producer.send(TOUCHPOINT_EVENTS.name, b"key", b"x" * 2 * MAX_RECORD_BYTES)


def test_a_broker_that_is_not_there_is_named() -> None:
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(BrokerFault, match=f"no broker answers at {address}"):
        EventProducer(KafkaAccess(address), connect_seconds=0.5)
