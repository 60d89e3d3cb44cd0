"""What the doctor finds in the database. Pure: what was seen, and when, are arguments."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from services.doctor.finding import Finding, note, well, wrong
from services.store.checkup import Checkup, Contents, Server

_OLDEST_POSTGRES = 14
_CLOCK_OFF = timedelta(seconds=2)
_WORKER_GONE = timedelta(seconds=30)
_MANY_LETTERS = 1000
_RIGHT_LACKING = wrong(
    "rights",
    "no temporary table may be made, and a worker makes one",
    "Let the role of the workers: GRANT TEMPORARY ON DATABASE ... TO ..., as deploy/database/roles.sql does",
)


def findings(seen: Checkup, key_ids: Collection[str], now: datetime) -> Iterator[Finding]:
    """Yield what there is to say; `key_ids` are those of the secrets that we are given, `now` our own clock."""
    yield _server(seen.server)
    if not seen.server.temporary:
        yield _RIGHT_LACKING
    yield _schema(seen)
    yield _clock(seen.server.now - now)
    if seen.contents is not None:
        yield _secret(seen.contents.key_ids, key_ids)
        yield _journeys(seen.contents.journeys)
        yield _worker(seen.contents.worker_seen_at, seen.server.now)
        yield _rejects(seen.contents)
        yield _outbox(seen.contents.letters)


def _server(server: Server) -> Finding:
    size = f"{server.bytes / 1_000_000:,.0f} MB"
    with_ = f"TimescaleDB {server.timescaledb}" if server.timescaledb else "without TimescaleDB"
    seen = f"PostgreSQL {server.version}, {with_}, {size}"
    if int(server.version.split(".")[0]) < _OLDEST_POSTGRES:
        return wrong("database", seen, f"Klantreis needs PostgreSQL {_OLDEST_POSTGRES} or newer")
    return well("database", seen)


def _schema(seen: Checkup) -> Finding:
    if seen.missing:
        return wrong("schema", f"lacks {', '.join(seen.missing)}", "Run `klantreis migrate`")
    if seen.unknown:
        return wrong(
            "schema",
            f"has {', '.join(seen.unknown)}, which this version does not know",
            "Run the newer version that made it, or restore the backup of before",
        )
    return well("schema", "up to date")


def _clock(off: timedelta) -> Finding:
    seen = f"the database's is {abs(off).total_seconds():.1f} s {'ahead of' if off > timedelta(0) else 'behind'} ours"
    if abs(off) > _CLOCK_OFF:
        advice = "Let both machines follow NTP: windows, service hours and lag go by the clock"
        return wrong("clock", seen, advice)
    return well("clock", seen)


def _secret(found: Collection[str], given: Collection[str]) -> Finding:
    if not given:
        return wrong("secret", "KLANTREIS_SECRET is not set", "Set it: without it no customer can be made pseudonymous")
    strange = set(found) - set(given)
    if not strange:
        return well("secret", "opens what is stored")
    seen = f"customers are stored under {len(strange)} other secret{'s' if len(strange) > 1 else ''}"
    if strange == set(found):
        return wrong("secret", seen, "Set KLANTREIS_SECRET to the one it was, or name that in KLANTREIS_FORMER_SECRETS")
    return note("secret", seen, "Name them in KLANTREIS_FORMER_SECRETS, or those customers are new when they come back")


def _journeys(number: int) -> Finding:
    if number:
        return well("journeys", f"{number} applied")
    return note("journeys", "none", "Apply one with `klantreis journey apply FILE`: until then every event is rejected")


def _worker(seen_at: datetime | None, now: datetime) -> Finding:
    if seen_at is None:
        return wrong("worker", "none has ever looked at the log", "Start one with `klantreis worker`")
    ago = now - seen_at
    if ago > _WORKER_GONE:
        return wrong(
            "worker",
            f"the last was seen {ago.total_seconds():,.0f} s ago",
            "Start one with `klantreis worker`; its last log lines say why it ended. Events wait and are not lost",
        )
    return well("worker", f"seen {max(0.0, ago.total_seconds()):.0f} s ago")


def _rejects(contents: Contents) -> Finding:
    if not contents.rejects:
        return well("rejects", "none in the last day")
    seen = ", ".join(f"{n:,} {reason}" for reason, n in contents.rejects.items())
    return note(
        "rejects", f"in the last day: {seen}", "See `klantreis rejects list`; `rejects replay` sends them again"
    )


def _outbox(letters: int) -> Finding:
    seen = f"{letters:,} letters wait to leave"
    if letters > _MANY_LETTERS:
        return note("outbox", seen, "Does the broker take records? A worker sends them, and logs why it cannot")
    return well("outbox", seen)
