"""A child that is started again when it dies, after a pause that grows, until it has died too often."""

from services.embedded.child import Child

QUICK_SECONDS = 20.0
"""A process that lived shorter than this died quickly."""

MOST_QUICK_DEATHS = 5
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 8.0


class GivenUp(Exception):  # noqa: N818 - says what is the case
    """A part died too often, or cannot be started again; the message says which, how, and what it logged last."""


class KeptChild:
    """Looks after one child. Times are seconds of any clock that does not go back."""

    def __init__(self, child: Child) -> None:
        """Take a child that has been started."""
        self.child = child
        self._quick_deaths = 0
        self._due: float | None = None

    def look(self, now: float) -> str | None:
        """Start the child again when that is due; return what there is to say, if anything. Raises GivenUp."""
        if self._due is not None:
            return self._start_again() if now >= self._due else None
        if self.child.running:
            return None
        return self._mourn(now)

    def _mourn(self, now: float) -> str:
        self._quick_deaths = self._quick_deaths + 1 if self.child.lived < QUICK_SECONDS else 1
        if self._quick_deaths == MOST_QUICK_DEATHS:
            raise GivenUp(f"{obituary(self.child)}\nThat was {MOST_QUICK_DEATHS} times in quick succession.")
        pause = min(_FIRST_PAUSE_SECONDS * 2 ** (self._quick_deaths - 1), _LONGEST_PAUSE_SECONDS)
        self._due = now + pause
        return f"{obituary(self.child)}\nStarting it again in {pause:.1f} s."

    def _start_again(self) -> str:
        self._due = None
        self.child.start()
        return f"The {self.child.name} runs again."


def obituary(child: Child) -> str:
    """Say how a child ended, and what it logged last."""
    said = child.log_tail().strip() or "(nothing)"
    return (
        f"The {child.name} ended after {child.lived:.1f} s with {child.ending}. The last lines of {child.log}:\n{said}"
    )
