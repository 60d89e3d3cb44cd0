"""`klantreis up`: everything on one machine, started in order, looked after, drained and stopped."""

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib.resources import files

import psutil
from pydantic import SecretStr
from rich.console import Console

from schemas.journey import parse_journey
from services.embedded.addresses import choose_monitor_port, monitor_address, say_addresses
from services.embedded.broker import EmbeddedBroker
from services.embedded.broker_renewal import BrokerRenewal
from services.embedded.child import Child, StartError
from services.embedded.commands import command_child
from services.embedded.data_lock import DataLock, DirectoryInUse
from services.embedded.database import EmbeddedDatabase
from services.embedded.drain import drain
from services.embedded.household import Household
from services.embedded.interrupts import Interrupts, StopAsked
from services.embedded.kept_child import GivenUp
from services.embedded.monitor_client import MonitorClient
from services.embedded.narrator import Narrator
from services.embedded.running_file import RunningFile
from services.embedded.secret_key import secret_key
from services.exposure import OpenToStrangers, refuse_strangers
from services.intake import Intake
from services.settings import Settings
from services.store.journeys import apply_journey
from services.store.migrate import migrate

_DEMO_JOURNEY = "omgevingsvergunning.yaml"
_READY_SECONDS = 90.0
_ASK_SECONDS = 0.5
_GRACE_SECONDS = 15.0
_NOT_USED = ("KLANTREIS_DATABASE_URL", "KLANTREIS_BROKER", "KLANTREIS_KAFKA_SECURITY_PROTOCOL")


def up(settings: Settings, demo: bool) -> int:
    """Run database, broker, worker and monitor (and the demo's simulator) until told to stop; return the exit code.

    0 when it was told to stop, by SIGINT, SIGTERM or SIGHUP; 1 when it could not start, or a part died too often.
    """
    narrator = Narrator(Console())
    data_dir = settings.data_dir.absolute()
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with Interrupts() as interrupts, DataLock(data_dir):
            given = settings.model_copy(update={"data_dir": data_dir, **(_demo_settings(settings) if demo else {})})
            return _Up(given, demo, narrator, interrupts).run()
    except DirectoryInUse as error:
        narrator.warn(str(error))
    except OSError as error:
        narrator.warn(f"{error.filename or data_dir}: {error.strerror or error}")
    return 1


def _demo_settings(settings: Settings) -> dict[str, object]:
    """Return what a demo does otherwise: nobody's secrets are in it, so all may answer, and every answer is shown."""
    given = settings.model_fields_set
    return {"demo": True, **({} if "release_answers" in given else {"release_answers": 1})}


class _Up:
    """One run. Each part that is started puts its end on a stack, so that they end in the opposite order."""

    def __init__(self, settings: Settings, demo: bool, narrator: Narrator, interrupts: Interrupts) -> None:
        self._settings = settings
        self._demo = demo
        self._narrator = narrator
        self._interrupts = interrupts
        self._ends = ExitStack()
        self._ready = False
        self._senders: list[Child] = []
        self._running_file = RunningFile(settings.data_dir)
        self._household = Household(narrator, interrupts, self._note_running)

    def run(self) -> int:
        """Start everything and look after it until it has to stop."""
        with self._ends:
            try:
                self._start()
                while True:
                    self._household.look_after(_ASK_SECONDS)
                    self._bound_broker()
            except StopAsked:
                return 0
            except (StartError, GivenUp, OpenToStrangers) as error:
                self._narrator.warn(str(error))
                return 1

    def _start(self) -> None:
        self._prepare()
        self._start_database()
        self._start_broker()
        self._migrate()
        if self._demo:
            self._apply_demo_journey()
        self._start_commands()
        self._wait_for_monitor()
        say_addresses(self._settings, self._demo, self._narrator)
        if self._demo:
            self._wait_for_first_figures()

    def _prepare(self) -> None:
        refuse_strangers(self._settings)
        self._narrator.say(f"Data in {self._settings.data_dir}")
        for name in _NOT_USED:
            if name in os.environ:
                self._narrator.warn(f"{name} is set, and not used: `up` brings its own")
        for process in self._running_file.end_leftovers():
            self._narrator.warn(f"An earlier run was cut off; ended its {process.name} (process {process.pid})")
        self._ends.callback(self._running_file.remove)
        given = self._settings.secret.get_secret_value()
        self._set(secret=SecretStr(given or secret_key(self._settings.data_dir)))

    def _start_database(self) -> None:
        database = EmbeddedDatabase(self._settings.data_dir)
        with self._narrator.step("database") as step:
            step.detail = "PostgreSQL, made new" if database.is_new else "PostgreSQL"
            self._at_the_end("database", database.stop)
            database.start()
        for folder in database.opened:
            self._narrator.say(f"Made {folder} passable, for the user that the database runs as")
        self._rely_on(database.child)
        self._set(database_url=database.url)

    def _start_broker(self) -> None:
        broker = EmbeddedBroker(self._settings.data_dir)
        intake = Intake(self._settings.data_dir)
        intake.make()
        most = self._settings.broker_memory_mb * 1_000_000
        self._broker, self._renewal = broker, BrokerRenewal(broker, intake, most, self._narrator)
        with self._narrator.step("broker") as step:
            self._at_the_end("broker", broker.stop)
            broker.start()
            step.detail = f"Tansu on {broker.address}, in memory"
        self._rely_on(broker.child)
        self._set(broker=broker.address, broker_in_memory=True, kafka_security_protocol="PLAINTEXT")

    def _migrate(self) -> None:
        with self._narrator.step("schema") as step:
            applied = migrate(self._settings.database_url)
            step.detail = f"applied {', '.join(applied)}" if applied else "up to date"

    def _apply_demo_journey(self) -> None:
        with self._narrator.step("journey") as step:
            journey = parse_journey((files("journeys") / _DEMO_JOURNEY).read_text(encoding="utf-8"))
            version = apply_journey(self._settings.database_url, journey)
            step.detail = f"{journey.id}, version {version}" if version else f"{journey.id}, as it was"

    def _start_commands(self) -> None:
        self._set(monitor_port=choose_monitor_port(self._settings, self._narrator))
        self._monitor = MonitorClient(monitor_address(self._settings), self._settings.read_token)
        self._household.keep(self._launch("monitor", "monitor"))
        self._worker = self._launch("worker", "worker")
        self._household.keep(self._worker)
        self._ends.callback(self._drain)
        if self._demo:
            simulator = self._launch("simulator", "simulate")
            self._household.let_run(simulator)
            self._senders.append(simulator)
        self._note_running()

    def _launch(self, name: str, command: str) -> Child:
        self._interrupts.check()
        child = command_child(name, command, self._settings)
        self._at_the_end(name, lambda: child.stop(_GRACE_SECONDS))
        child.start()
        return child

    def _wait_for_monitor(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        with self._narrator.step("monitor"):
            while not self._monitor.ready():
                if time.monotonic() > deadline:
                    raise StartError(f"the monitor was not ready in {_READY_SECONDS:.0f} s; see {self._log('monitor')}")
                self._household.look_after(_ASK_SECONDS)
        self._ready = True

    def _wait_for_first_figures(self) -> None:
        while not self._monitor.volume():
            self._household.look_after(_ASK_SECONDS)
        seconds = time.time() - psutil.Process().create_time()
        self._narrator.say(f"First figures on the wallboard {seconds:.1f} s after the start")

    def _drain(self) -> None:
        """Wait until the worker has counted what the broker holds; being asked once more ends the wait."""
        if not self._ready:
            return
        with self._narrator.step("drain") as step:
            drained = drain(self._monitor.lag, self._hindrance(), step.progress)
            step.detail = drained.said + ("" if drained.everything else "; the broker forgets what is not counted")

    def _hindrance(self) -> Callable[[], str | None]:
        """Return what says why waiting has become pointless: somebody asks to stop, or a part does not run."""
        asked = self._interrupts.asked

        def hindrance() -> str | None:
            if self._interrupts.asked > asked:
                return "skipped, as asked"
            missing = self._household.missing()
            return f"cut short, since the {missing.name} does not run" if missing else None

        return hindrance

    def _bound_broker(self) -> None:
        """Put a new broker in the place of one that has grown too large."""
        before = self._broker.child
        if before is None or not self._renewal.is_due():
            return
        senders = [child for child in self._senders if child.running]
        for child in senders:
            child.stop(_GRACE_SECONDS)
        try:
            renewed = self._renewal.run([self._worker], self._monitor.lag, self._hindrance())
        finally:
            for child in senders:
                child.start()
        if renewed and self._broker.child is not None:
            self._household.rely_instead(before, self._broker.child)
            self._note_running()

    def _rely_on(self, child: Child | None) -> None:
        if child:
            self._household.rely_on(child)

    def _at_the_end(self, name: str, stop: Callable[[], bool]) -> None:
        self._ends.callback(self._stop, name, stop)

    def _stop(self, name: str, stop: Callable[[], bool]) -> None:
        with self._narrator.step(f"stop {name}") as step:
            if not stop():
                step.detail = "killed, since it did not end when asked"

    def _log(self, name: str) -> str:
        return str(self._settings.data_dir / "logs" / f"{name}.log")

    def _set(self, **found: object) -> None:
        self._settings = self._settings.model_copy(update=found)

    def _note_running(self) -> None:
        settings = self._settings
        found_at = {
            "database_url": settings.database_url,
            "broker": settings.broker,
            "secret": settings.secret.get_secret_value(),
            "monitor_host": settings.monitor_host,
            "monitor_port": settings.monitor_port,
            "address": monitor_address(settings),
        }
        # A database that a run cut off leaves behind is ended by the next start of it, more gently.
        children = [child for child in self._household.children if child.name != "database"]
        self._running_file.write(found_at, children)
