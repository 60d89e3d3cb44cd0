"""No record, whatever it holds, brings the codec down: it is an event, an answer, or a fault with a reason."""

import logging

from tests.codec_fuzz import fuzz_codec

INPUTS = 1_000
"""`make soak` tries 100,000."""


def test_every_record_is_told_what_it_is() -> None:
    told = fuzz_codec(INPUTS, number=1)
    logging.getLogger("fuzz").info("%d records: %s", told.total(), dict(told))
    assert told.total() >= INPUTS
    assert {"TouchpointEvent", "SurveyAnswer", "malformed_json", "invalid_field"} <= set(told)
