"""What must hold of the scores that are shown, in whatever order answers came and whoever released them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import psycopg

from tests.oracle import Observed, Tables, differences, windows
from tests.stored import read_windows

_LOTS = """
SELECT lot, at, measure, span, touchpoint, department, channel, persona, value, outcome
FROM scores JOIN scopes USING (scope_id) WHERE journey = %(journey)s AND lot IS NOT NULL
"""


def wrongly_shown(database_url: str, journey: str, zone: ZoneInfo, least: int) -> Sequence[str]:
    """Return which lots of a journey are too small, and where windows show anything else than all lots."""
    lots = _lots(database_url, journey)
    small = [f"lot {number} has {len(lot)} scores" for number, lot in lots.items() if len(lot) < least]
    return small + differences(_as_shown(lots, zone), read_windows(database_url, journey, shown=True))


def _lots(database_url: str, journey: str) -> Mapping[int, list[Observed]]:
    lots: dict[int, list[Observed]] = defaultdict(list)
    with psycopg.connect(database_url, options="-c TimeZone=UTC") as connection:
        for number, *observed in connection.execute(_LOTS, {"journey": journey}):
            lots[number].append(Observed(*observed))
    return lots


def _as_shown(lots: Mapping[int, list[Observed]], zone: ZoneInfo) -> Tables:
    return windows(
        [each._replace(at=_last(lot), measure=f"released {each.measure}") for lot in lots.values() for each in lot],
        zone,
    )


def _last(lot: Sequence[Observed]) -> datetime:
    return max(each.at for each in lot)
