"""What `klantreis up` says: a line a step with the time it took; a spinner meanwhile, if there is a terminal."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

_TITLE_WIDTH = 22


class Step:
    """A step that is going on; what is put in `detail` stands behind its time."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self.detail = ""
        self._progress = progress

    def progress(self, text: str) -> None:
        """Say how far it is."""
        self._progress(text)


class Narrator:
    """Says what happens, in plain lines where the output is not a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, text: str, style: str | None = None) -> None:
        """Say a line, or several."""
        self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    def warn(self, text: str) -> None:
        """Say that something is wrong."""
        self.say(text, style="yellow")

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Say, when the block is done, how long it took; nothing if it fails."""
        begun = time.monotonic()
        if self._console.is_terminal:
            with self._console.status(title) as spinner:
                step = Step(lambda text: spinner.update(f"{title}: {escape(text)}"))
                yield step
        else:
            step = Step(lambda text: self.say(f"{title}: {text}"))
            yield step
        self.say(f"{title:<{_TITLE_WIDTH}} {time.monotonic() - begun:5.1f} s  {step.detail}".rstrip())
