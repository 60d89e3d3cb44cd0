"""Waiting for what other processes do."""

import time
from collections.abc import Callable

import pytest


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until something holds; fail with `what` if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:g} s: {what}")
        time.sleep(0.05)
