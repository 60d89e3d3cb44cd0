"""No small group can be told from what is shown: by any two filters, nor by solving for it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.suppression import Cell, left_out
from tests.singled_out import Filter, small_groups

LEAST = 5
Table = Mapping[str, Mapping[str, int]]
counts = st.one_of(st.just(0), st.integers(0, 7), st.integers(0, 60))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(2, 5))
    return {f"t{row}": {f"p{column}": draw(counts) for column in range(columns)} for row in range(rows)}


def cells(table: Table) -> Mapping[Cell, int]:
    """Every cell, with those of all rows together."""
    columns = next(iter(table.values()))
    together = {Cell(None, column): sum(row[column] for row in table.values()) for column in columns}
    return {Cell(row, column): n for row, of in table.items() for column, n in of.items()} | together


@pytest.mark.parametrize(
    ("row", "hidden"),
    [
        ({"a": 7, "b": 9}, ""),
        ({"a": 0, "b": 9}, ""),
        ({"a": 4, "b": 9, "c": 20}, "ab"),
        ({"a": 2, "b": 1, "c": 50, "d": 60}, "abc"),
        ({"a": 2, "b": 3, "c": 50}, "ab"),
        ({"a": 2, "b": 0, "c": 50}, "ac"),
        ({"a": 2, "b": 0, "c": 0}, "abc"),
        ({"a": 1, "b": 2}, "ab"),
        ({"a": 5, "b": 0}, ""),
    ],
)
def test_the_smallest_others_go_with_a_small_cell(row: Mapping[str, int], hidden: str) -> None:
    assert left_out({"t": row}, LEAST) == {Cell(row, column) for row in ("t", None) for column in hidden}


def test_a_small_cell_is_not_what_its_column_lacks() -> None:
    table = {"t": {"a": 3, "b": 10, "c": 30}, "u": {"a": 20, "b": 40, "c": 30}}
    assert left_out(table, LEAST) == {Cell(row, column) for row in ("t", "u") for column in "ab"}


@given(tables())
@settings(deadline=None)
def test_no_two_filters_tell_of_a_small_group(table: Table) -> None:
    """A filter names a row, a column, both or neither."""
    hidden = left_out(table, LEAST)
    everything = cells(table)
    shown: dict[Filter, int] = {(cell.row, cell.column): n for cell, n in everything.items() if cell not in hidden}
    of_rows: dict[Filter, int] = {(row, None): sum(of.values()) for row, of in table.items()}
    shown |= of_rows | {(None, None): sum(of_rows.values())}
    assert list(small_groups(shown, LEAST)) == []


@given(tables())
@settings(deadline=None)
def test_nothing_that_is_left_out_can_be_solved_for(table: Table) -> None:
    """By the sums of the rows and what is shown of the columns: by elimination, in fractions."""
    hidden = sorted(left_out(table, LEAST), key=str)
    equations = [[Fraction(cell.row == row) for cell in hidden] for row in (*table, None)] + [
        [Fraction(0) if cell.column != column else Fraction(1 if cell.row else -1) for cell in hidden]
        for column in next(iter(table.values()))
    ]
    rank = len(list(eliminated(equations)))
    for place in range(len(hidden)):
        alone = [Fraction(place == each) for each in range(len(hidden))]
        assert len(list(eliminated([*equations, alone]))) == rank + 1, hidden[place]


def eliminated(rows: Sequence[Sequence[Fraction]]) -> Iterator[Sequence[Fraction]]:
    """Yield rows in echelon form, as many as their rank."""
    left = [list(row) for row in rows]
    for column in range(len(left[0]) if left else 0):
        pivot = next((row for row in left if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left = [[a - b * row[column] / pivot[column] for a, b in zip(row, pivot, strict=True)] for row in left]
        yield pivot


@given(tables())
@settings(deadline=None)
def test_a_table_without_small_cells_is_shown_whole(table: Table) -> None:
    large = {row: {column: n * LEAST for column, n in of.items()} for row, of in table.items()}
    assert left_out(large, LEAST) == frozenset()


def test_a_large_table_takes_no_time() -> None:
    """As many as the categories of a shop's log are."""
    table = {f"t{row}": {f"p{column}": (row * column) % 11 for column in range(80)} for row in range(12)}
    hidden: Collection[Cell] = left_out(table, LEAST)
    assert {cell for cell, n in cells(table).items() if 0 < n < LEAST} <= set(hidden)
