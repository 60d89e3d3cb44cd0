"""Rows put straight into the tables that the monitor reads, for tests that need no worker."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from streams.windows import bin_of


@dataclass(frozen=True)
class Filling:
    """A connection that commits each row at once."""

    connection: psycopg.Connection

    def scope(
        self,
        measure: str,
        *,
        journey: str = "balie",
        span: str = "",
        touchpoint: str = "",
        department: str = "",
        channel: str = "",
        outcome: str = "",
        persona: str = "",
    ) -> int:
        row = self.connection.execute(
            """INSERT INTO scopes (journey, measure, span, touchpoint, department, channel, outcome, persona)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
               ON CONFLICT (journey, measure, span, touchpoint, department, channel, persona, outcome)
               DO UPDATE SET journey = excluded.journey RETURNING scope_id""",
            (journey, measure, span, touchpoint, department, channel, outcome, persona),
        ).fetchone()
        assert row is not None
        return int(row[0])

    def window(
        self,
        resolution: str,
        bucket: datetime,
        scope: int,
        measure: str,
        values: Iterable[int],
        *,
        sign: int = 1,
        writer: int = 1,
        detail: str = "rollups",
    ) -> None:
        """Add observations to a window one by one, or take them back with sign -1: bins stand in it several times."""
        for value in values:
            bins = [] if measure == "volume" else [bin_of(measure, value)]
            self.connection.execute(
                f"""INSERT INTO {detail}_{resolution} AS held
                        (scope_id, bucket, writer, n, total, squares, merged, bins, counts)
                    VALUES (%s, %s, %s, %s, %s, 0, 0, %s, %s)
                    ON CONFLICT (scope_id, bucket, writer) DO UPDATE SET
                        n = held.n + excluded.n, total = held.total + excluded.total,
                        bins = held.bins || excluded.bins, counts = held.counts || excluded.counts""",
                (scope, bucket, writer, sign, sign * value, bins, [sign for _ in bins]),
            )

    def hour(
        self, opened_in: datetime, opened: int, closed: int = 0, *, journey: str = "balie", writer: int = 1
    ) -> None:
        """Say how many cases were opened in an hour, and how many of those are closed now."""
        self.connection.execute(
            "INSERT INTO case_hours VALUES (%s, %s, %s, %s, %s)", (journey, opened_in, writer, opened, closed)
        )

    def case(self, case_id: str, opened_at: datetime | None, **given: Any) -> int:
        """Add a case that is open and had its last touchpoint when it was opened, unless `given` says otherwise."""
        row = {
            "journey": "balie",
            "case_id": case_id,
            "opened_at": opened_at,
            "closed_at": None,
            "last_at": opened_at,
            "last_touchpoint": "gesteld",
            "last_department": "KCC",
            **given,
        }
        found = self.connection.execute(
            """INSERT INTO cases
                   (journey, case_id, opened_at, closed_at, last_at, last_touchpoint, last_department)
               VALUES (%(journey)s, %(case_id)s, %(opened_at)s, %(closed_at)s, %(last_at)s,
                       %(last_touchpoint)s, %(last_department)s)
               RETURNING case_key""",
            row,
        ).fetchone()
        assert found is not None
        return int(found[0])

    def event(self, case_key: int, occurred_at: datetime, touchpoint: str, **given: Any) -> None:
        row = {"started_at": None, "channel": None, "department": None, "voids": None, "event_id": touchpoint, **given}
        self.connection.execute(
            """INSERT INTO touchpoint_events (case_key, occurred_at, started_at, source, event_id, journey_version,
                   touchpoint, channel, department, employee, voids)
               VALUES (%(case_key)s, %(occurred_at)s, %(started_at)s, 'proef', %(event_id)s, 1,
                   %(touchpoint)s, %(channel)s, %(department)s, 'm-17', %(voids)s)""",
            {**row, "case_key": case_key, "occurred_at": occurred_at, "touchpoint": touchpoint},
        )

    def invitation(
        self,
        invitation_id: str,
        case_key: int,
        decided_at: datetime,
        *,
        suppressed: str | None = None,
        answered_at: datetime | None = None,
    ) -> None:
        """Say what was decided about asking a customer."""
        self.connection.execute(
            "INSERT INTO invitations VALUES (%s, %s, 'proef', %s, 1, 'gesteld', NULL, %s, %s, '{satisfaction}', %s)",
            (invitation_id, case_key, invitation_id, decided_at, suppressed, answered_at),
        )

    def response(self, invitation_id: str, question: str, answered_at: datetime) -> None:
        """Say that a question of an invitation was answered on its page."""
        self.connection.execute(
            "INSERT INTO survey_responses VALUES (%s, %s, %s)", (invitation_id, question, answered_at)
        )

    def log(self, counted: int | None, end: int, seen_at: datetime, *, log_id: str = "log", partition: int = 0) -> None:
        """Say how far a partition was counted (None: nothing yet), where it ends, and when that was seen."""
        key = log_id, "touchpoint-events", partition
        self.connection.execute(
            """INSERT INTO stream_ends VALUES (%s, %s, %s, %s, %s)
               ON CONFLICT (log_id, topic, partition)
               DO UPDATE SET end_offset = excluded.end_offset, seen_at = excluded.seen_at""",
            (*key, end, seen_at),
        )
        if counted is not None:
            self.connection.execute(
                """INSERT INTO stream_offsets VALUES (%s, %s, %s, %s)
                   ON CONFLICT (log_id, topic, partition) DO UPDATE SET next_offset = excluded.next_offset""",
                (*key, counted),
            )

    def empty(self) -> None:
        """Take everything out again but the journeys."""
        self.connection.execute(
            """TRUNCATE scopes, cases, case_hours, touchpoint_events, rollups_minute, rollups_hour, rollups_day,
               windows_minute, windows_hour, windows_day, invitations, survey_responses, answer_texts, stream_ends,
               stream_offsets, reject_counts, case_flags"""
        )
