"""Looks at everything that `klantreis doctor` judges. What cannot be reached is a finding too, and the rest goes on."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import httpx

from services.doctor import database, log
from services.doctor.finding import Finding, well, wrong
from services.kafka_topics import BrokerUnreachableError, describe
from services.settings import Settings
from services.store.checkup import DatabaseAway, Position, check_up
from services.store.secrecy import SecretMissingError

_MONITOR_SECONDS = 5.0


def examine(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Yield what is found, one thing after another: database, broker, monitor."""
    positions: Sequence[Position] = ()
    try:
        seen = check_up(settings.database_url)
    except DatabaseAway as error:
        yield wrong(
            "database", str(error), "Is it running, and is KLANTREIS_DATABASE_URL right? Nothing else in it was seen"
        )
    else:
        positions = seen.contents.positions if seen.contents else ()
        yield from database.findings(seen, _key_ids(settings), now)
    try:
        yield from log.findings(describe(settings.kafka), positions)
    except BrokerUnreachableError as error:
        yield wrong("broker", str(error), "Is it running, and is KLANTREIS_BROKER right?")
    yield _monitor(settings)


def _key_ids(settings: Settings) -> Collection[str]:
    try:
        return settings.secrecy.key_ids
    except SecretMissingError:
        return ()


def _monitor(settings: Settings) -> Finding:
    address = f"http://{settings.monitor_host}:{settings.monitor_port}"
    try:
        answer = httpx.get(f"{address}/readyz", timeout=_MONITOR_SECONDS, trust_env=False)
    except httpx.HTTPError as error:
        return wrong("monitor", f"{address} does not answer: {error}", "Start one with `klantreis monitor`")
    if answer.is_success:
        return well("monitor", f"{address} is ready")
    said = answer.json().get("detail", answer.text) if "json" in answer.headers.get("content-type", "") else answer.text
    return wrong("monitor", f"{address} is not ready: {said}", "The lines above say what it waits for")
