"""Whether there is a TimescaleDB to test on. Without one this test says so, and the others here are left out."""

import os

import pytest

from tests.timescale.server import installed


def test_npm_could_install_the_timescaledb_of_the_tests() -> None:
    if installed():
        return
    absent = "the TimescaleDB of the tests is not here: npm could not install it (.ci/npm)"
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(absent)
    pytest.skip(absent)
