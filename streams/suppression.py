"""Which cells of a table of counts are left out, so that no small group can be told from what is shown. Pure.

Rows are what everybody may count, such as touchpoints: how much each comes to is known. Columns are groups of people,
such as personas. Beside the rows stands one for all of them together. A cell under the least number is left out. It
must not come back as what is shown of its row or its column less the others: so others are left out with it, the
smallest first (complementary suppression).

What is shown are equations between cells that are left out. Seen as a graph, whose nodes are rows and columns and whose
edges are those cells, a cell follows from the equations just if it is a bridge: if no circle leads over it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

Counts = Mapping[str, Mapping[str, int]]
"""How many, by row and column; every row has all columns."""


class Cell(NamedTuple):
    """A cell of a table; row None stands for all rows together."""

    row: str | None
    column: str


class _Node(NamedTuple):
    is_row: bool
    name: str | None


def left_out(counts: Counts, least: int) -> frozenset[Cell]:
    """Return the cells that are not to be shown.

    Of what is shown, with the sums of rows, no cell that is left out can be computed, and no sum of those that are left
    out in one row or one column which is from 1 to `least` - 1, unless the row as a whole is left out: its sum is known
    anyway, and says nothing of columns. That needs two columns or more: with one, each cell is the sum of its row.
    """
    table = _table(counts)
    hidden = {cell for cell, n in table.items() if 0 < n < least}
    while (another := _another(table, hidden, least)) is not None:
        hidden.add(another)
    return frozenset(hidden)


def _table(counts: Counts) -> dict[Cell, int]:
    table = {Cell(row, column): n for row, cells in counts.items() for column, n in cells.items()}
    together: dict[Cell, int] = defaultdict(int)
    for (_, column), n in table.items():
        together[Cell(None, column)] += n
    return table | together


def _another(table: Mapping[Cell, int], hidden: Collection[Cell], least: int) -> Cell | None:
    """Return a cell to be left out as well; None if nothing small can be told any more, or nothing is left to hide."""
    for line in _lines(table, hidden):
        if 0 < sum(table[cell] for cell in line if cell in hidden) < least:
            found = _smallest(table, (cell for cell in line if cell not in hidden))
            if found is not None:
                return found
    for bridge in _bridges(hidden):
        shown = [cell for cell in table if cell not in hidden]
        sides = [_reached(end, hidden, bridge) for end in _ends(bridge)]
        found = _smallest(table, (cell for cell in shown if all(side & {*_ends(cell)} for side in sides)))
        found = found or _smallest(table, (cell for cell in shown if {*_ends(cell)} & {*_ends(bridge)}))
        if found is not None:
            return found
    return None


def _lines(table: Mapping[Cell, int], hidden: Collection[Cell]) -> Iterator[list[Cell]]:
    """Yield the cells of each row, and those of each column whose sum is shown."""
    lines: dict[_Node, list[Cell]] = defaultdict(list)
    for cell in table:
        row, column = _ends(cell)
        lines[row].append(cell)
        if cell.row is not None and Cell(None, cell.column) not in hidden:
            lines[column].append(cell)
    yield from lines.values()


def _smallest(table: Mapping[Cell, int], cells: Iterable[Cell]) -> Cell | None:
    """Return the smallest of some cells, one in which nobody is last of all: it hides least."""
    return min(cells, key=lambda cell: (table[cell] == 0, table[cell], _by_name(cell)), default=None)


def _by_name(cell: Cell) -> tuple[str, str]:
    return cell.row or "", cell.column


def _ends(cell: Cell) -> tuple[_Node, _Node]:
    return _Node(True, cell.row), _Node(False, cell.column)


def _edges(cells: Collection[Cell]) -> Mapping[_Node, Sequence[tuple[Cell, _Node]]]:
    """Return the ways from each node: by which cell, and where it leads."""
    edges: dict[_Node, list[tuple[Cell, _Node]]] = defaultdict(list)
    for cell in sorted(cells, key=_by_name):
        row, column = _ends(cell)
        edges[row].append((cell, column))
        edges[column].append((cell, row))
    return edges


def _reached(start: _Node, cells: Collection[Cell], but: Cell) -> set[_Node]:
    """Return the nodes that are reached from one by cells but one."""
    edges = _edges([cell for cell in cells if cell != but])
    reached, left = {start}, [start]
    while left:
        new = {node for _, node in edges.get(left.pop(), ())} - reached
        reached |= new
        left.extend(new)
    return reached


def _bridges(cells: Collection[Cell]) -> Sequence[Cell]:
    """Return the cells without which the two nodes that one joins would not hang together (Tarjan, 1974)."""
    edges = _edges(cells)
    found: list[Cell] = []
    reached: dict[_Node, int] = {}

    def earliest(node: _Node, came_by: Cell | None) -> int:
        """Return how early a node is that is reached from here, but by the way one came; note the bridges beyond."""
        low = reached[node] = len(reached)
        for cell, other in edges[node]:
            if other in reached:
                low = low if cell == came_by else min(low, reached[other])
            else:
                beyond = earliest(other, cell)
                low = min(low, beyond)
                found.extend([cell] if beyond > reached[node] else [])
        return low

    for node in edges:
        if node not in reached:
            earliest(node, None)
    return found
