"""What the tables hold of one journey, in the form in which tests/oracle.py tells what they must hold."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from tests.oracle import Observed, Sums, Tables

_EVENTS = """
SELECT case_id, occurred_at, started_at, source, event_id, e.journey_version, touchpoint, channel, department, employee,
       persona, digest, cost_cents, voids, coalesce(attributes, '{}'), due_at, outcome, team, party
FROM touchpoint_events e JOIN cases USING (case_key) LEFT JOIN customer_digests USING (customer_id)
WHERE journey = %(journey)s
"""
_ANSWERS = """
SELECT case_id, a.answered_at, source, answer_id, a.journey_version, touchpoint, question, score, invitation_id, digest
FROM survey_answers a JOIN cases USING (case_key) LEFT JOIN customer_digests USING (customer_id)
WHERE journey = %(journey)s
"""
_EVENT_KEYS = "SELECT source, event_id FROM event_keys WHERE event_id LIKE %(journey)s || '-%%'"
_ANSWER_KEYS = "SELECT source, answer_id FROM answer_keys WHERE answer_id LIKE %(journey)s || '-%%'"
_ANSWER_TEXTS = """
SELECT source, answer_id, answered_at, text FROM answer_texts WHERE answer_id LIKE %(journey)s || '-%%'
"""
_STRAYS = """
SELECT substring(detail FROM '''([^'']+)''') FROM rejects
WHERE reason = 'unknown_journey' AND detail LIKE '''' || %(journey)s || '-%%'
"""
_CASES = """
SELECT case_id, opened_at, closed_at, last_at, last_touchpoint, last_department, expected, path
FROM cases WHERE journey = %(journey)s
"""
_CASE_HOURS = """
SELECT opened_in, sum(opened)::bigint, sum(closed)::bigint FROM case_hours WHERE journey = %(journey)s
GROUP BY opened_in HAVING sum(opened) <> 0 OR sum(closed) <> 0
"""
_WINDOWS = """
SELECT bucket, measure, span, touchpoint, department, channel, persona, outcome, n, total, squares::text, bins, counts
FROM {} JOIN scopes USING (scope_id) WHERE journey = %(journey)s AND (measure LIKE 'released %%') = %(shown)s
"""
_SCORES = """
SELECT at, measure, span, touchpoint, department, channel, persona, value, outcome, sum(count)::integer
FROM (SELECT scope_id, at, value, 1 AS count FROM scores UNION ALL SELECT scope_id, at, value, count FROM score_changes)
JOIN scopes USING (scope_id) WHERE journey = %(journey)s
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 HAVING sum(count) <> 0
"""
_WINDOW_TABLES = [f"{detail}_{width}" for detail in ("windows", "rollups") for width in ("minute", "hour", "day")]


def read(database_url: str, journey: str, customers: Mapping[bytes, str]) -> Tables:
    """Read what is stored of a journey, its windows summed over writers; `customers` tells who each digest stands for.

    The ids of its events and answers, and the names of journeys that are not known, begin with the journey's own.
    """
    windows = read_windows(database_url, journey, shown=False)
    with psycopg.connect(database_url, options="-c TimeZone=UTC") as connection:

        def rows(query: str) -> Iterable[tuple[Any, ...]]:
            return connection.execute(query.encode(), {"journey": journey})

        def customer(digest: bytes | None) -> str | None:
            return None if digest is None else customers.get(digest, "unknown")

        return {
            "touchpoint_events": Counter(
                (*row[:11], customer(row[11]), *row[12:14], tuple(sorted(row[14].items())), *row[15:])
                for row in rows(_EVENTS)
            ),
            "event_keys": Counter(rows(_EVENT_KEYS)),
            "survey_answers": Counter((*row[:9], customer(row[9])) for row in rows(_ANSWERS)),
            "answer_keys": Counter(rows(_ANSWER_KEYS)),
            "answer_texts": {row[:2]: row[2:] for row in rows(_ANSWER_TEXTS)},
            "rejects": Counter(journey for (journey,) in rows(_STRAYS)),
            "cases": {row[0]: (*row[1:6], _expected(row[6]), row[7]) for row in rows(_CASES)},
            "case_hours": {row[0]: row[1:] for row in rows(_CASE_HOURS)},
            "scores": {Observed(*row[:9]): row[9] for row in rows(_SCORES)},
            **windows,
        }


def read_windows(database_url: str, journey: str, *, shown: bool) -> Tables:
    """Read the windows of a journey, summed over writers: of what is shown of scores, or of everything else."""
    wanted = {"journey": journey, "shown": shown}
    with psycopg.connect(database_url, options="-c TimeZone=UTC") as connection:
        return {
            name: _windows(connection.execute(sql.SQL(_WINDOWS).format(sql.Identifier(name)), wanted))
            for name in _WINDOW_TABLES
        }


def _expected(column: Iterable[Mapping[str, str]] | None) -> frozenset[tuple[Any, ...]]:
    return frozenset(
        (
            each["kind"],
            each["touchpoint"],
            each["after"],
            datetime.fromisoformat(each["since"]),
            datetime.fromisoformat(each["due_at"]),
        )
        for each in column or ()
    )


def _windows(rows: Iterable[tuple[Any, ...]]) -> Mapping[Any, Sums]:
    """Sum window rows; what comes to nothing is left out."""
    windows: dict[Any, Sums] = {}
    for *key, n, total, squares, bins, counts in rows:
        held = windows.setdefault(tuple(key), Sums())
        held.n += n
        held.total += total
        held.squares += int(squares)
        for bin_, count in zip(bins, counts, strict=True):
            held.bins[bin_] += count
    for held in windows.values():
        held.bins = Counter({bin_: count for bin_, count in held.bins.items() if count})
    return {key: held for key, held in windows.items() if held != Sums()}
