"""The embedded broker keeps all that it is sent: when it has grown too large, a new one takes its place.

Nothing is lost with it: the intake closes, what was sent is counted, and only then the broker ends. A new cluster has
new logs, whose offsets begin at 0; the worker begins with them as after any start.
"""

import time
from collections.abc import Callable, Sequence

from services.embedded.broker import EmbeddedBroker
from services.embedded.child import Child
from services.embedded.drain import drain
from services.embedded.monitor_client import Lag
from services.embedded.narrator import Narrator, Step
from services.intake import Intake

_SENDERS_SECONDS = 20.0
_AGAIN_SECONDS = 60.0
_GRACE_SECONDS = 15.0


class BrokerRenewal:
    """Renews a broker whose process has come to hold more than `most_bytes` of memory."""

    def __init__(self, broker: EmbeddedBroker, intake: Intake, most_bytes: int, narrator: Narrator) -> None:
        self._broker = broker
        self._intake = intake
        self._most_bytes = most_bytes
        self._narrator = narrator
        self._not_before = 0.0

    def is_due(self) -> bool:
        """Say whether the broker is to be renewed now; not within a minute of the last attempt."""
        return time.monotonic() >= self._not_before and self._broker.memory_bytes() > self._most_bytes

    def run(self, users: Sequence[Child], ask: Callable[[], Lag | None], hindrance: Callable[[], str | None]) -> bool:
        """Renew the broker; say whether it was. `users` are stopped before it ends, and started once it is there.

        Senders that do not finish, or records that are not counted in time, put it off. Raises StartError.
        """
        with self._narrator.step("renew the broker") as step, self._intake.closed(_SENDERS_SECONDS) as alone:
            held = self._broker.memory_bytes()
            done = alone and self._counted(step, ask, hindrance)
            self._not_before = time.monotonic() + _AGAIN_SECONDS
            if done:
                self._replace(users)
                step.detail = f"held {_mb(held)}, now {_mb(self._broker.memory_bytes())}; nothing was left to count"
            else:
                step.detail = f"put off: {step.detail or 'somebody has not finished sending'}"
        return done

    def _counted(self, step: Step, ask: Callable[[], Lag | None], hindrance: Callable[[], str | None]) -> bool:
        drained = drain(ask, hindrance, step.progress)
        step.detail = drained.said
        return drained.everything

    def _replace(self, users: Sequence[Child]) -> None:
        for child in users:
            child.stop(_GRACE_SECONDS)
        self._broker.stop()
        self._broker.start()
        self._intake.renewed()
        for child in users:
            child.start()


def _mb(held: int) -> str:
    return f"{held / 1_000_000:,.0f} MB"
