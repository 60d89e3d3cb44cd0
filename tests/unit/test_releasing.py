"""Scores are shown in lots, so that what changes between two looks is never what one customer said."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.observations import Observation, scope_of
from streams.releasing import Held, Lot, Score, Waiting, release, released, shown
from tests.drawn import MIDNIGHT

MINUTE = timedelta(minutes=1)


def score(minute: int, value: int = 8000) -> Score:
    return Score(MIDNIGHT + minute * MINUTE, value)


def scores(*minutes: int) -> list[Score]:
    return [score(minute) for minute in minutes]


def waiting(*minutes: int, shown: bool = False) -> list[Waiting]:
    return [Waiting(score(minute), shown) for minute in minutes]


def test_fewer_than_a_lot_wait() -> None:
    after = release(Held(waiting(1, 2)), {score(3): 1, score(4): 1}, least=5)
    assert (after.waiting, after.made) == (waiting(1, 2, 3, 4), [])


def test_the_one_that_completes_a_lot_releases_it_at_its_last_moment() -> None:
    after = release(Held(waiting(1, 2, 7, 4)), {score(3): 1}, least=5)
    assert (after.waiting, after.made) == ([], [Lot(scores(1, 2, 3, 4, 7))])
    assert after.made[0].moment == MIDNIGHT + 7 * MINUTE


def test_many_at_once_make_lots_in_the_order_of_time() -> None:
    after = release(Held(), {score(minute): 1 for minute in (5, 3, 1, 2, 6, 4, 7)}, least=3)
    assert after.made == [Lot(scores(1, 2, 3)), Lot(scores(4, 5, 6))]
    assert after.waiting == waiting(7)


def test_one_alone_is_a_lot_where_that_is_allowed() -> None:
    assert release(Held(), {score(1): 1, score(2): 1}, least=1).made == [Lot(scores(1)), Lot(scores(2))]


def test_two_that_said_the_same_at_one_moment_are_two() -> None:
    assert release(Held(), {score(1): 2}, least=2).made == [Lot(scores(1, 1))]
    assert release(Held(waiting(1, 1)), {score(1): -1}, least=5).waiting == waiting(1)


def test_what_waits_is_taken_back_unseen() -> None:
    after = release(Held(waiting(1, 2), {7: Lot(scores(1, 5, 6))}), {score(1): -1}, least=3)
    assert (after.waiting, after.taken_back) == (waiting(2), [])


def test_what_was_shown_takes_its_lot_back_and_the_rest_waits_for_newcomers() -> None:
    held = Held(waiting(9), {7: Lot(scores(1, 5, 6))})
    after = release(held, {score(5): -1, score(10): 1}, least=3)
    assert (after.taken_back, after.made) == ([7], [])
    assert after.waiting == sorted(waiting(1, 6, shown=True) + waiting(9, 10))
    then = release(Held(after.waiting), {score(11): 1}, least=3)
    assert then.made == [Lot(scores(1, 6, 9, 10, 11))]


def test_two_of_one_lot_take_it_back_once() -> None:
    after = release(Held((), {7: Lot(scores(1, 5, 6))}), {score(5): -1, score(6): -1}, least=3)
    assert (after.taken_back, after.waiting) == ([7], waiting(1, shown=True))


def test_what_is_not_held_is_told() -> None:
    after = release(Held(waiting(1)), {score(2): -1}, least=3)
    assert (after.unknown, after.waiting) == (scores(2), waiting(1))


def test_a_lot_is_shown_at_one_moment_in_a_scope_of_its_own() -> None:
    scope = scope_of("loket", "satisfaction", "", "besluit", "KCC", "web", "bewoner")
    public = scope._replace(measure="released satisfaction")
    assert released(scope) == public
    seven = MIDNIGHT + 7 * MINUTE
    assert list(shown(scope, [Lot([score(1, 3000), score(7, 9000)])])) == [
        Observation(seven, public, 3000),
        Observation(seven, public, 9000),
    ]


class Book:
    """A scope as a store keeps it, and what was to be seen of it at every moment."""

    def __init__(self, least: int) -> None:
        self.least = least
        self.waiting: Sequence[Waiting] = ()
        self.lots: dict[int, Lot] = {}
        self.seen: list[Collection[Lot]] = [()]
        self._made = 0

    def change(self, changes: dict[Score, int]) -> None:
        alike = {number: lot for number, lot in self.lots.items() if changes.keys() & set(lot.scores)}
        after = release(Held(self.waiting, alike), changes, self.least)
        assert not after.unknown
        for number in after.taken_back:
            del self.lots[number]
        for lot in after.made:
            self._made += 1
            self.lots[self._made] = lot
        self.waiting = after.waiting
        self.seen.append(list(self.lots.values()))


def within(lots: Iterable[Lot], begin: int, end: int) -> Counter[Score]:
    """What a window shows that runs from one minute up to another."""
    start, stop = MIDNIGHT + begin * MINUTE, MIDNIGHT + end * MINUTE
    return Counter(each for lot in lots if start <= lot.moment < stop for each in lot.scores)


batches = st.lists(st.lists(st.integers(0, 30), max_size=8), max_size=12)
minutes = st.integers(0, 30)


@given(st.integers(1, 6), batches, st.lists(minutes, min_size=4, max_size=4), st.data())
def test_no_two_looks_differ_by_fewer_than_a_lot(
    least: int, drawn: list[list[int]], edges: list[int], data: st.DataObject
) -> None:
    """Whatever comes and is taken back, and whatever windows are compared, at whatever moments."""
    book = Book(least)
    standing: list[Score] = []
    for number, batch in enumerate(drawn):
        new = [score(minute, 1000 * number + place) for place, minute in enumerate(batch)]
        gone = data.draw(st.lists(st.sampled_from(standing), unique=True, max_size=3)) if standing else []
        book.change({**dict.fromkeys(new, 1), **dict.fromkeys(gone, -1)})
        standing = [each for each in standing if each not in gone] + new
        held = [each.score for each in book.waiting] + [each for lot in book.lots.values() for each in lot.scores]
        assert Counter(held) == Counter(standing), "none is lost, none is there twice"
    for earlier, later in combinations(book.seen, 2):
        for begin, end, other_begin, other_end in ((0, 31, 0, 31), edges):
            before, after = within(earlier, begin, end), within(later, other_begin, other_end)
            differing = (before - after) + (after - before)
            assert not 0 < differing.total() < least


@pytest.mark.parametrize("least", [1, 5])
def test_all_are_shown_but_for_less_than_a_lot(least: int) -> None:
    book = Book(least)
    for number in range(17):
        book.change({score(number): 1})
    assert sum(len(lot.scores) for lot in book.lots.values()) == 17 // least * least
