"""Erasing on TimescaleDB: tests of tests/contract/test_erasure.py."""

from tests.contract.test_erasure import (  # noqa: F401 - they run here too
    test_nothing_names_the_customer_any_more_and_every_figure_stays,
    test_who_is_not_erased_keeps_everything,
)
