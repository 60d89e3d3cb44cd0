"""The codec on any number of records that were made up."""

from collections import Counter
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, seed
from hypothesis import settings as effort
from hypothesis import strategies as st

from schemas.codec import decode_answers, decode_events
from schemas.reject import Fault
from tests.drawn import catalogue
from tests.records import ANSWERS, EVENTS

NOW = datetime(2026, 3, 3, tzinfo=UTC)
LOT = 20


def fuzz_codec(inputs: int, number: int) -> Counter[str]:
    """Decode so many records at least, and count what became of them: the model, or the reason of the fault.

    Each gets exactly one answer, whatever it came together with; what is good is good again once it is written and
    read. The seed `number` gives the same records again.
    """
    told: Counter[str] = Counter()
    known = catalogue()

    @seed(number)
    @effort(max_examples=inputs // (2 * LOT), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(EVENTS, min_size=LOT, max_size=LOT), st.lists(ANSWERS, min_size=LOT, max_size=LOT))
    def decode(events: list[bytes], answers: list[bytes]) -> None:
        for decoder, raws in ((decode_events, events), (decode_answers, answers)):
            decoded = decoder(raws, known, NOW)
            assert len(decoded) == len(raws)
            for raw, each in zip(raws, decoded, strict=True):
                told[each.reason.value if isinstance(each, Fault) else type(each).__name__] += 1
                assert decoder([raw], known, NOW) == [each]
                if isinstance(each, Fault):
                    assert each.detail
                else:
                    assert decoder([each.model_dump_json().encode()], known, NOW) == [each]

    decode()
    return told
