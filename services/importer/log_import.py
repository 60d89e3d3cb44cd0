"""Importing a log: its rows become events and answers that travel through the broker like live ones."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from schemas.codec import CLOCK_TOLERANCE
from schemas.topics import TOUCHPOINT_EVENTS
from services.event_producer import EventProducer
from services.importer.log_file import is_xes
from services.importer.patient_producer import PatientProducer
from services.importer.plan import ImportRefused, Plan, make_plan
from services.importer.rejects_file import RejectsFile
from services.importer.row_reader import ReadRecord
from services.importer.sender import Stretches, paced, send_all, wait_until_counted
from services.intake import Intake
from services.kafka_topics import ensure_topics, log_ids
from services.settings import Settings
from services.store.imports import remembered_shift
from services.store.journeys import read_catalogue
from services.store.offsets import next_offsets

__all__ = ["ImportRefused", "ImportReport", "import_log"]

PATIENCE_SECONDS = 30.0
"""How long to wait, at most, for the worker to count something more."""


@dataclass(frozen=True)
class ImportReport:
    """What came of an import. `uncounted` records were in the broker but not yet counted when we stopped waiting."""

    rows: int
    events: int
    answers: int
    bad_rows: int
    uncounted: int
    shift: timedelta


def import_log(
    settings: Settings,
    log: Path,
    journey: str,
    mapping_file: Path,
    *,
    speed: float | None,
    end_at: datetime | None,
    rejects_file: Path,
    console: Console,
    patience_seconds: float = PATIENCE_SECONDS,
) -> ImportReport:
    """Send a log's events and answers, and wait until they have been counted.

    `speed` is a factor of real time, None as fast as possible. With `end_at` the whole log moves by one constant, so
    that the last of it happens then; a log that was imported before keeps the shift that it had the first time, so
    that all of it is the same again. Rows that cannot be read go to `rejects_file`, and the rest goes on.

    Raises ImportRefused, a ConnectionError of the broker, each with a text for the user, or the database's own error.
    An import that broke off can be run again: what had been sent counts once.
    """
    now = datetime.now(UTC)
    _check_end(end_at, now)
    _check_rejects(rejects_file, log, mapping_file)
    with _finding_columns(log, console) as position:
        plan = make_plan(log, journey, mapping_file, read_catalogue(settings.database_url), now, position=position)
    ensure_topics(settings.kafka)
    patient = PatientProducer(lambda: EventProducer(settings.kafka), Intake(settings.data_dir))
    with patient as producer, _progress(console) as progress:
        shift = _shift(settings, plan, end_at, progress)
        with RejectsFile(rejects_file) as rejects:
            run = _Run(plan, shift, rejects, progress)
            stretches = run.send(producer, speed)
        uncounted = _wait(settings, stretches, progress, patience_seconds)
    report = ImportReport(run.rows, run.events, run.answers, rejects.bad_rows, uncounted, shift)
    _summarise(report, rejects, rejects_file, console)
    return report


def _check_end(end_at: datetime | None, now: datetime) -> None:
    if end_at is not None and end_at > now + CLOCK_TOLERANCE:
        raise ImportRefused(f"--end-at {end_at.isoformat()} lies in the future, where no event can have occurred yet")


def _check_rejects(rejects_file: Path, *inputs: Path) -> None:
    """See to it that the rejects file can be written, and that it overwrites nothing that we read."""
    if rejects_file.resolve() in [path.resolve() for path in inputs]:
        raise ImportRefused(f"--rejects {rejects_file} would overwrite what is to be imported")
    if not rejects_file.parent.is_dir() or rejects_file.is_dir():
        raise ImportRefused(f"--rejects {rejects_file}: should be a file in a folder that exists")


@contextmanager
def _finding_columns(log: Path, console: Console) -> Iterator[Callable[[int], None]]:
    """Show how far a log has been read for its columns, where it has to be read whole for that."""
    if not is_xes(log):
        yield lambda _: None
        return
    with _progress(console) as progress:
        task = progress.add_task("Finding the columns", total=log.stat().st_size, note="")
        yield lambda position: progress.update(task, completed=position)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        console=console,
    )


def _shift(settings: Settings, plan: Plan, end_at: datetime | None, progress: Progress) -> timedelta:
    """Return by how much the log is moved: as asked, but the same as the first time if it was imported before."""
    asked = timedelta(0)
    if end_at is not None:
        task = progress.add_task("Finding the end", total=plan.log.stat().st_size, note="")
        asked = end_at - plan.last_moment(lambda position: progress.update(task, completed=position))
    kept = remembered_shift(settings.database_url, plan.journey, plan.digest(), asked)
    if kept != asked:
        progress.console.print(
            f"This log was imported before, moved by {_spoken(kept)}. It is moved by the same again, so that its "
            "events are the same and count once."
        )
    return kept


def _spoken(shift: timedelta) -> str:
    return "nothing" if not shift else f"{shift.total_seconds() / 86_400:+,.1f} days"


class _Run:
    """One passage through the log, and what it has come across."""

    def __init__(self, plan: Plan, shift: timedelta, rejects: RejectsFile, progress: Progress) -> None:
        self._plan = plan
        self._shift = shift
        self._rejects = rejects
        self._progress = progress
        self.rows = 0
        self.events = 0
        self.answers = 0

    def send(self, producer: PatientProducer, speed: float | None) -> Stretches:
        """Send the log's records, in the order of the file or, at a given speed, in the order of time."""
        reading = self._progress.add_task("Reading", total=self._plan.log.stat().st_size, note="")
        sending = self._progress.add_task("Sending", total=None, note="")
        records = self._records(reading, sending)
        stretches = send_all(
            producer,
            records if speed is None else paced(records, speed),
            lambda: self._progress.advance(sending),
        )
        self._progress.update(sending, total=self._sent, note=_numbers(self.events, self.answers))
        return stretches

    def _records(self, reading: TaskID, sending: TaskID) -> Iterator[ReadRecord]:
        for read in self._plan.rows(self._shift, lambda position: self._progress.update(reading, completed=position)):
            self.rows += 1
            events = sum(record.topic == TOUCHPOINT_EVENTS.name for record in read.records)
            self.events += events
            self.answers += len(read.records) - events
            self._rejects.add(read)
            yield from read.records
        self._progress.update(reading, note=f"{self.rows:,} rows")
        self._progress.update(sending, total=self._sent)

    @property
    def _sent(self) -> int:
        return self.events + self.answers


def _wait(settings: Settings, stretches: Stretches, progress: Progress, patience_seconds: float) -> int:
    logs = log_ids(settings.kafka)
    task = progress.add_task("Counting", total=stretches.length(), note="")
    return wait_until_counted(
        stretches,
        lambda: next_offsets(settings.database_url, logs),
        lambda counted: progress.update(task, completed=counted),
        patience_seconds,
    )


def _summarise(report: ImportReport, rejects: RejectsFile, rejects_file: Path, console: Console) -> None:
    read = _numbers(report.events, report.answers)
    console.print(f"{report.rows:,} rows, {read}, {report.bad_rows:,} bad rows.")
    for fault in rejects.first:
        console.print(f"  {fault}", markup=False)
    if report.bad_rows:
        console.print(f"All bad rows are in {rejects_file}, with the line and the reason.", markup=False)
    if report.uncounted:
        console.print(
            f"No worker is counting: {report.uncounted:,} records wait in the broker. Start `klantreis worker`, and it "
            "goes on with them."
        )


def _numbers(events: int, answers: int) -> str:
    return f"{events:,} events" + (f", {answers:,} answers" if answers else "")
