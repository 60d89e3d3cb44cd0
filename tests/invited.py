"""What must hold of invitations, in whatever order events came and whoever counted them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import psycopg

from schemas.journey import Touchpoint
from schemas.touchpoint_event import TouchpointEvent
from tests.chance import Drawn
from tests.oracle import Drawing, touchpoints

DAY = timedelta(days=1)
MONTH = timedelta(days=30)
AT_MOST = 2

_DECIDED = """
SELECT source, event_id, suppressed, decided_at FROM invitations JOIN cases USING (case_key)
WHERE journey = %(journey)s
"""
_INVITED = """
SELECT customer_id, decided_at, journey, touchpoint FROM invitations JOIN cases USING (case_key)
WHERE suppressed IS NULL ORDER BY decided_at
"""


class Decided(NamedTuple):
    source: str
    event_id: str
    suppressed: str | None
    decided_at: datetime


def broken_rules(database_url: str, drawn: Drawn) -> Sequence[str]:
    """Return what is wrong with the invitations of a journey, and with those of all customers."""
    asking = dict(_asking(drawn))
    with psycopg.connect(database_url, options="-c TimeZone=UTC") as connection:
        decided = [Decided(*row) for row in connection.execute(_DECIDED, {"journey": drawn.journey})]
        invited = connection.execute(_INVITED).fetchall()
    times = Counter((each.source, each.event_id) for each in decided)
    wrong = [f"{key} is decided {times[key]} times" for key in asking.keys() | times.keys() if times[key] != 1]
    wrong += [str(each) for each in decided if not _right(each, asking.get((each.source, each.event_id)))]
    return wrong + list(_asked_too_often(invited, _moments_of_truth(drawn)))


def _asking(drawn: Drawn) -> Iterator[tuple[tuple[str, str], TouchpointEvent]]:
    drawing = Drawing(drawn.versions)
    for event in drawn.events:
        held: Mapping[str, Touchpoint] = {each.id: each for each in touchpoints(drawing.at(event.occurred_at).journey)}
        if event.voids is None and held[event.touchpoint].asks:
            yield event.key, event


def _right(decided: Decided, event: TouchpointEvent | None) -> bool:
    if event is None:
        return False
    if decided.decided_at - event.occurred_at >= DAY:
        return decided.suppressed == "late"
    if event.customer is None:
        return decided.suppressed == "no_customer"
    return decided.suppressed in (None, "contact_fatigue")


def _moments_of_truth(drawn: Drawn) -> frozenset[tuple[str, str]]:
    drawn_points = (each for version in drawn.versions for each in touchpoints(version.journey))
    return frozenset((drawn.journey, each.id) for each in drawn_points if each.moment_of_truth)


def _asked_too_often(
    invited: Iterable[tuple[int, datetime, str, str]], moments_of_truth: frozenset[tuple[str, str]]
) -> Iterator[str]:
    """Say of each customer of whom it is so. Of other journeys it is not known which are moments of truth."""
    by_customer: dict[int, list[tuple[datetime, str, str]]] = defaultdict(list)
    for customer, at, journey, touchpoint in invited:
        by_customer[customer].append((at, journey, touchpoint))
    known = {journey for journey, _ in moments_of_truth}
    for customer, asked in by_customer.items():
        for begin, _, _ in asked:
            within = [each for each in asked if begin <= each[0] < begin + MONTH]
            others = [each for each in within if each[1] in known and each[1:] not in moments_of_truth]
            if len(within) > AT_MOST or len(others) > AT_MOST - 1:
                yield f"customer {customer} is asked too often: {within}"
