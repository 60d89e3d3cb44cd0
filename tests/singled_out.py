"""Whether what is shown by row and by column tells of a small group of people, by any two filters."""

from collections.abc import Iterator, Mapping
from itertools import permutations

Filter = tuple[str | None, str | None]
"""A row and a column; None takes all of them."""


def small_groups(shown: Mapping[Filter, int], least: int) -> Iterator[tuple[Filter, Filter]]:
    """Yield the pairs of filters of which one takes fewer than `least` people more than the other, within it.

    `shown` has the sum of every row. How many are in whole rows is known: such groups say nothing of columns.
    """
    for (row, column), n in shown.items():
        if column is not None and 0 < n < least:
            yield (row, column), (row, column)
    for wide, narrow in permutations(shown, 2):
        of_columns = wide[1] is not None or narrow[1] is not None
        if of_columns and _within(narrow, wide) and 0 < shown[wide] - shown[narrow] < least:
            whole_rows = wide[1] is None and shown[narrow] in (0, shown[narrow[0], None])
            if not whole_rows:
                yield wide, narrow


def _within(narrow: Filter, wide: Filter) -> bool:
    return all(outer in (None, inner) for inner, outer in zip(narrow, wide, strict=True))
