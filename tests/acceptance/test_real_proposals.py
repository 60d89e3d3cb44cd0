"""What is proposed for the real logs, against the mappings that people wrote for them."""

from collections.abc import Mapping
from pathlib import Path

from schemas.import_mapping import ImportMapping, parse_mapping
from services.importer.inspection import inspect_log
from tests.conftest import CHECKOUT
from tests.logs_read import events_of

WABO_FIELDS = ("event_id", "case_id", "occurred_at", "channel", "department", "employee")
OLIST_FIELDS = ("case_id", "occurred_at", "due_at", "customer")


def written(name: str) -> ImportMapping:
    return parse_mapping((CHECKOUT / "journeys" / f"{name}.mapping.yaml").read_text())


def proposed(log: Path) -> str:
    return inspect_log(log, lambda _: None).mapping


def values(mapping: ImportMapping) -> Mapping[str, str]:
    """What each touchpoint is called in the log."""
    if mapping.touchpoints is not None:
        return {touchpoint: times.occurred_at.column for touchpoint, times in mapping.touchpoints.items()}
    assert mapping.touchpoint is not None
    assert mapping.touchpoint.values is not None
    return {touchpoint: value for value, touchpoint in mapping.touchpoint.values.items()}


def told(log: Path, mapping: ImportMapping, fields: tuple[str, ...]) -> list[tuple[object, ...]]:
    names = values(mapping)
    return sorted(
        (*(str(event.get(field)) for field in fields), names[event["touchpoint"]]) for event in events_of(log, mapping)
    )


def test_the_permit_log_is_read_as_by_the_mapping_written_for_it(real_data: Path) -> None:
    """Both forms of it, and what is proposed for one reads the other: even the ids are the same."""
    table, xes = (real_data / "wabo_receipt" / name for name in ("wabo_receipt.csv.gz", "08_receipt.xes.gz"))
    by_hand = told(table, written("wabo-receipt"), WABO_FIELDS)
    assert len(by_hand) == 8577
    assert told(xes, parse_mapping(proposed(table)), WABO_FIELDS) == by_hand
    assert told(table, parse_mapping(proposed(xes)), WABO_FIELDS) == by_hand


def test_the_orders_are_read_as_by_the_mapping_written_for_them(real_data: Path) -> None:
    """A machine takes the two moments of a review for touchpoints, too; and only people know where the clock hung."""
    log = real_data / "olist" / "olist.csv.gz"
    text = proposed(log)
    assert "time_zone: Europe/Amsterdam  # some moments have no offset" in text
    mapping = parse_mapping(text.replace("Europe/Amsterdam", "America/Sao_Paulo"))
    by_hand = told(log, written("olist"), OLIST_FIELDS)
    reviews = {"review_creation_date", "review_answer_timestamp"}
    found = told(log, mapping, OLIST_FIELDS)
    assert {name for *_, name in found} - {name for *_, name in by_hand} == reviews
    assert [event for event in found if event[-1] not in reviews] == by_hand
    # An order on two rows counts once here too: each touchpoint of an order has one id.
    ids = {(event["case_id"], event["touchpoint"], event["event_id"]) for event in events_of(log, mapping)}
    assert len({each for each in ids if "review" not in each[1]}) == len(set(by_hand))
