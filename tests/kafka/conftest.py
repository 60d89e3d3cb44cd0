"""What only a real broker can show runs on one, whatever else was chosen."""

import pytest

from tests.apache_kafka import ApacheKafka


@pytest.fixture(scope="module")
def broker(apache_kafka: ApacheKafka) -> str:
    """The address of an Apache Kafka with our topics on it, and nothing in them."""
    apache_kafka.empty()
    return apache_kafka.address
