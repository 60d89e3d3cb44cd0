"""Sending what was drawn by chance while those who count it are killed, joined, paused and left without a database."""

import logging
import os
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from random import Random
from typing import Any

import orjson
import psycopg
import pytest
from psycopg.types.json import Jsonb

from schemas.journey import JourneyVersion
from schemas.survey_answer import SurveyAnswer
from schemas.topics import SURVEY_ANSWERS, TOUCHPOINT_EVENTS
from schemas.touchpoint_event import TouchpointEvent
from services.embedded.child import Child
from services.embedded.commands import command_child
from services.embedded.database import EmbeddedDatabase
from services.settings import Settings
from services.store.secrecy import Secrecy
from streams.waiting import QUIET
from tests.apache_kafka import ApacheKafka
from tests.chance import Arrival, Drawn, draw
from tests.flagged import flag_overdue, wrongly_flagged
from tests.invited import broken_rules
from tests.oracle import Drawing, differences, tables
from tests.released import wrongly_shown
from tests.sending import Parcel, Sender
from tests.stored import read
from tests.waiting import wait_until

SESSION_SECONDS = 2.0
"""How soon a worker that says nothing is given up."""

PATIENCE_SECONDS = 120
"""How long counting may stand still before that is taken for a fault."""

_MISCOUNTED = """
SELECT reason, held, n FROM (SELECT reason, count(*) AS held FROM rejects GROUP BY reason) AS r
FULL JOIN reject_counts USING (reason) WHERE held IS DISTINCT FROM n
"""
_SHUFFLED = 40  # so many at a time, or hardly anything would come in order
_FLAGGED = 3  # every third part, while it is being counted
_NUMBERS = count(1)

_log = logging.getLogger("chaos")


@dataclass(frozen=True)
class Plan:
    """How much is drawn, in how many parts it is sent, and what happens meanwhile: at most one thing a part.

    Small batches make many transactions, and so many moments to be disturbed at. `disturbances` names methods of
    `Workers`, in the order in which they happen.
    """

    seed: int
    size: int
    parts: int
    batch_records: int
    disturbances: Sequence[str]


@dataclass
class Workers:
    """The workers of one group, and what may befall them."""

    settings: Settings
    database: EmbeddedDatabase
    chance: Random
    broker: ApacheKafka | None = None
    running: list[Child] = field(default_factory=list)

    def join(self) -> None:
        """Add a worker: partitions move to it."""
        worker = command_child(f"worker-{next(_NUMBERS)}", "worker", self.settings)
        worker.start()
        self.running.append(worker)

    def kill(self) -> None:
        """Kill a worker where it stands, and start another."""
        worker = self.chance.choice(self.running)
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(10)
        self.running.remove(worker)
        self.join()

    def pause(self) -> None:
        """Stop a worker, or only the process that reads for it, for longer than its session lasts; let it go on."""
        worker = self.chance.choice(self.running)
        assert worker.pid is not None
        signalled = self.chance.choice((os.kill, os.killpg))
        signalled(worker.pid, signal.SIGSTOP)
        time.sleep(self.settings.session_seconds * self.chance.uniform(1.5, 3))
        signalled(worker.pid, signal.SIGCONT)

    def restart_the_database(self) -> None:
        """Stop the database with all sessions cut off, and start it again after a while."""
        self.database.stop()
        time.sleep(self.chance.uniform(0, 2))
        self.database.start()

    def kill_the_broker(self) -> None:
        """Kill the broker once all workers have found it, and start it again: none starts without one."""
        assert self.broker is not None
        wait_until(lambda: all("reading" in worker.log.read_text() for worker in self.running), 60, "all read")
        self.broker.kill()
        self.broker.start()

    def stop(self) -> None:
        for worker in self.running:
            worker.stop(30)

    def last_words(self) -> str:
        return "\n".join(f"{worker.log.name}, {worker.ending}:\n{worker.log_tail(20)}" for worker in self.running)


def run(plan: Plan, given: Settings, database: EmbeddedDatabase, broker: ApacheKafka | None = None) -> None:
    """Count what is drawn from a seed, disturbed as planned; fail if any row is not that of one pass in order."""
    chance = Random(plan.seed)
    until = datetime.now(UTC) - timedelta(minutes=2)
    print(f"seed {plan.seed}, until {until}")  # noqa: T201 - shown if the test fails
    drawn = draw(f"chaos-{plan.seed}", plan.seed, plan.size, until)
    _apply(given.database_url, drawn.versions)
    settings = given.model_copy(update={"batch_records": plan.batch_records, "session_seconds": SESSION_SECONDS})
    workers = Workers(settings, database, chance, broker)
    workers.join()
    try:
        with Sender(settings) as sender:
            _send_disturbed(plan, _parts(drawn, chance, plan.parts), workers, sender)
    finally:
        workers.stop()
    _compare(drawn, settings, plan.seed)
    _log.info("seed %d: %d events and %d answers counted once", plan.seed, len(drawn.events), len(drawn.answers))


def _send_disturbed(plan: Plan, parts: Sequence[Sequence[Parcel]], workers: Workers, sender: Sender) -> None:
    """Send part after part, the next one while the last is still being counted, and disturb as planned."""
    disturbances = _spread(plan.disturbances, len(parts), workers.chance)
    for number, part in enumerate(parts):
        sender.send(part)
        if number % _FLAGGED == 0:  # by a clock that is ahead, or most would still be thought to be on their way
            flag_overdue(workers.settings.database_url, datetime.now(UTC) + QUIET)
        if number in disturbances:
            time.sleep(workers.chance.uniform(0, 0.5))  # somewhere within what was just sent
            _log.info("seed %d, part %d of %d: %s", plan.seed, number + 1, len(parts), disturbances[number])
            getattr(workers, disturbances[number])()
        _wait_until_few_are_left(len(part) // 2, workers, sender)
    _wait_until_few_are_left(0, workers, sender)


def _wait_until_few_are_left(few: int, workers: Workers, sender: Sender) -> None:
    """Wait until counting has come near the end; fail if it stands still, or a worker ends by itself."""
    least, since = sender.uncounted(), time.monotonic()
    while least > few:
        time.sleep(0.05)
        if not all(worker.running for worker in workers.running):
            pytest.fail(f"a worker ended by itself\n{workers.last_words()}")
        left = sender.uncounted()
        if left < least:
            least, since = left, time.monotonic()
        elif time.monotonic() > since + PATIENCE_SECONDS:
            pytest.fail(f"{left} records have been waiting for {PATIENCE_SECONDS} s\n{workers.last_words()}")


def _apply(database_url: str, versions: Sequence[JourneyVersion]) -> None:
    """Store the versions as they are: applying a journey would make them hold from now on."""
    with psycopg.connect(database_url) as connection:
        for version in versions:
            definition = Jsonb(version.journey.model_dump(mode="json"))
            connection.execute(
                "INSERT INTO journey_versions VALUES (%s, %s, %s, %s)",
                (version.journey.id, version.version, version.valid_from, definition),
            )


def _parts(drawn: Drawn, chance: Random, parts: int) -> Sequence[Sequence[Parcel]]:
    """Pack everything, a fifth of it twice, each record for a partition drawn by chance; shuffle by stretches."""
    once = [(_turn(each, chance), _parcel(each, chance, each.model_dump_json())) for each in drawn.arrivals]
    again = chance.sample(drawn.arrivals, len(once) // 5)
    twice = [(_turn(each, chance), _parcel(each, chance, _spelt_in_some_way(each, chance))) for each in again]
    astray = [(_turn(each, chance), _parcel(each, chance, each.model_dump_json())) for each in drawn.strays]
    in_turn = [parcel for _, parcel in sorted(once + twice + astray)]
    shuffled = [parcel for stretch in _cut(in_turn, _SHUFFLED) for parcel in chance.sample(stretch, len(stretch))]
    return _cut(shuffled, -(-len(shuffled) // parts))


def _cut(parcels: Sequence[Parcel], size: int) -> Sequence[Sequence[Parcel]]:
    return [parcels[start : start + size] for start in range(0, len(parcels), size)]


def _parcel(arrival: Arrival, chance: Random, value: str) -> Parcel:
    topic = TOUCHPOINT_EVENTS if isinstance(arrival, TouchpointEvent) else SURVEY_ANSWERS
    return Parcel(topic.name, chance.randrange(topic.partitions), value.encode())


def _turn(arrival: Arrival, chance: Random) -> datetime:
    """Return when an arrival is sent: a tenth late by days; of voids and answers, some before what they are about."""
    at = arrival.occurred_at if isinstance(arrival, TouchpointEvent) else arrival.answered_at
    ahead = isinstance(arrival, SurveyAnswer) or arrival.voids is not None
    if ahead and chance.random() < 0.4:
        return at - timedelta(days=chance.uniform(0, 6))
    return at + timedelta(days=chance.uniform(1, 10)) if chance.random() < 0.1 else at


def _spelt_in_some_way(arrival: Arrival, chance: Random) -> str:
    """Return an arrival as it was, or the same content as a CloudEvent with its time by another clock."""
    if chance.random() < 0.5:
        return arrival.model_dump_json()
    plain = arrival.model_dump(mode="json", exclude_none=True)
    moment, number = (
        ("occurred_at", "event_id") if isinstance(arrival, TouchpointEvent) else ("answered_at", "answer_id")
    )
    elsewhere = datetime.fromisoformat(plain.pop(moment)).astimezone(timezone(timedelta(hours=5, minutes=45)))
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "type": "klantreis.touchpoint" if isinstance(arrival, TouchpointEvent) else "klantreis.answer",
        "id": plain.pop(number),
        "source": plain.pop("source"),
        "subject": plain.pop("case_id"),
        "time": elsewhere.isoformat(),
        "data": plain,
    }
    return orjson.dumps(envelope).decode()


def _spread(disturbances: Sequence[str], parts: int, chance: Random) -> Mapping[int, str]:
    """Return which disturbance comes with which part; none with the first, when the worker is only starting."""
    places = sorted(chance.sample(range(1, parts), len(disturbances)))
    return dict(zip(places, disturbances, strict=True))


def _compare(drawn: Drawn, settings: Settings, seed: int) -> None:
    secrecy = Secrecy(settings.secret.get_secret_value())
    customers = {secrecy.digest(each.customer): each.customer for each in drawn.arrivals if each.customer}
    strays = {"rejects": Counter(each.journey for each in drawn.strays)}
    expected = {**tables(Drawing(drawn.versions), drawn.events, drawn.answers), **strays}
    told = differences(expected, read(settings.database_url, drawn.journey, customers))
    with psycopg.connect(settings.database_url) as connection:
        told += [f"rejects that are not counted as such: {row}" for row in connection.execute(_MISCOUNTED)]
    told += broken_rules(settings.database_url, drawn)
    told += wrongly_flagged(settings.database_url, drawn, datetime.now(UTC) + QUIET)
    told += wrongly_shown(settings.database_url, drawn.journey, Drawing(drawn.versions).zone, settings.release_answers)
    if told:
        pytest.fail("\n".join([f"seed {seed} leaves other rows than one pass in order", *told]))
