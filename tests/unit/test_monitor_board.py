"""What the wallboard says: the worst first, at most ten tiles, and the journey as one line."""

from dataclasses import replace
from datetime import timedelta

from schemas.journey import Journey
from services.monitor.figures.histograms import Verdict
from services.monitor.wallboard.board import MOST_TILES, Board, board
from services.store.reading import Histograms
from streams.kpi import State
from tests.snapshots import DAY, balie, gap, journey_snapshot, kpi_row, on_norm, throughput, volume, within


def told(shown: Board) -> list[tuple[str, Verdict]]:
    return [(tile.name.nl if tile.name else "hele zaak", tile.verdict) for tile in shown.tiles]


def board_of(histograms: Histograms, drawn: Journey | None = None) -> Board:
    made = journey_snapshot(histograms)
    return board(made if drawn is None else type(made)(**{**vars(made), "drawn": drawn}), 20)


def test_the_worst_comes_first_and_what_is_unknown_last() -> None:
    shown = board_of(
        {
            **gap("bericht", [DAY] * 6 + [9 * DAY] * 4),  # 4 in 10 late
            **gap("antwoord", [9 * DAY] * 10),  # all late
            **throughput("antwoordtermijn", [30 * DAY] * 10),  # within 8 weeks
            **throughput("case", [30 * DAY] * 3),  # too few
        }
    )
    assert told(shown) == [
        ("Antwoord", Verdict.OVER),
        ("Bericht", Verdict.PARTLY),
        ("Antwoordtermijn", Verdict.WITHIN),
        ("hele zaak", Verdict.FEW),
    ]
    assert (shown.over, shown.partly, shown.judged, shown.limited, shown.hidden) == (1, 1, 3, 4, 0)


def test_of_two_late_the_one_with_fewer_in_time_comes_first() -> None:
    shown = board_of({**gap("bericht", [DAY] * 2 + [9 * DAY] * 8), **gap("antwoord", [DAY] * 4 + [9 * DAY] * 6)})
    assert [name for name, _ in told(shown)[:2]] == ["Bericht", "Antwoord"]


def test_a_span_is_judged_by_the_limits_that_fell_not_by_what_has_ended() -> None:
    """All that ended was in time, and yet: of ten that were due six have not ended."""
    ended = throughput("antwoordtermijn", [30 * DAY] * 10)
    assert told(board_of(ended))[0] == ("Antwoordtermijn", Verdict.WITHIN)
    standstill = board_of({**ended, **within("antwoordtermijn", kept=4, missed=6)})
    assert told(standstill)[0] == ("Antwoordtermijn", Verdict.OVER)
    assert standstill.tiles[0].share_within == 0.4
    assert standstill.tiles[0].figure.share_within == 1
    few = board_of({**ended, **within("antwoordtermijn", kept=0, missed=4)})
    assert told(few)[0] == ("Antwoordtermijn", Verdict.WITHIN), "four say nothing"


def test_departments_are_taken_together() -> None:
    shown = board_of({**gap("bericht", [DAY] * 5, "KCC"), **gap("bericht", [9 * DAY] * 5, "VG")})
    figure = next(tile.figure for tile in shown.tiles if tile.name and tile.name.nl == "Bericht")
    assert (figure.n, figure.share_within) == (10, 0.5)


def many(late: int, fine: int) -> tuple[Journey, Histograms]:
    """A journey of touchpoints that are late and that are not."""
    ids = [f"laat-{i}" for i in range(late)] + [f"goed-{i}" for i in range(fine)]
    drawn = balie().model_dump(mode="json")
    drawn["phases"] = [
        {
            "id": "alles",
            "name": "Alles",
            "touchpoints": [{"id": each, "name": each, "gap_limit": "P2D"} for each in ids],
        }
    ]
    drawn |= {"end_touchpoints": [ids[-1]], "spans": [], "kpis": [], "case_limit": None}
    values = {"laat": 9 * DAY, "goed": DAY}
    histograms = {key: value for each in ids for key, value in gap(each, [values[each[:4]]] * 9).items()}
    return Journey.model_validate(drawn), histograms


def test_never_more_than_ten_tiles_but_all_that_is_wrong_is_counted() -> None:
    drawn, histograms = many(late=14, fine=3)
    shown = board_of(histograms, drawn)
    assert len(shown.tiles) == MOST_TILES
    assert {verdict for _, verdict in told(shown)} == {Verdict.OVER}
    assert (shown.over, shown.hidden) == (14, 17 + 1 - 10)


def test_what_is_fine_fills_up_a_board_with_little_on_it_but_no_more_than_that() -> None:
    drawn, histograms = many(late=1, fine=9)
    shown = board_of(histograms, drawn)
    assert [verdict for _, verdict in told(shown)] == [Verdict.OVER, Verdict.WITHIN, Verdict.WITHIN, Verdict.FEW]


def test_the_line_has_every_touchpoint_in_order_with_its_volume() -> None:
    histograms = {
        **volume("gesteld", 30),
        **volume("gesteld", 12, "VG"),
        **volume("antwoord", 8),
        **gap("bericht", [DAY]),
    }
    shown = board(journey_snapshot(histograms, today={"gesteld": 5}), 20)
    assert [band.phase.id for band in shown.bands] == ["vraag", "antwoord", "daarna"]
    stops = [stop for band in shown.bands for stop in band.stops]
    assert [stop.point.touchpoint.id for stop in stops] == ["gesteld", "bericht", "antwoord", "nazorg"]
    assert [(stop.today, stop.point.volume) for stop in stops] == [(5, 42), (0, 0), (0, 8), (0, 0)]
    assert [stop.gap.n for stop in stops] == [0, 1, 0, 0]
    assert shown.stops == 4


def test_kpis_that_need_a_look_come_before_all_else() -> None:
    many_late = gap("bericht", [9 * DAY] * 9)
    shown = board(journey_snapshot(many_late, None, on_norm("antwoord"), kpi_row("bericht")), 20)
    assert [standing.kpi.id for standing in shown.alarms] == ["bericht"]
    assert (shown.below, shown.stopped, shown.over) == (1, 0, 1)
    assert [standing.kpi.id for standing in shown.kpis] == ["bericht", "antwoord"]


def test_the_line_tells_the_kpi_of_each_touchpoint() -> None:
    shown = board(journey_snapshot({}, None, on_norm("antwoord"), kpi_row("bericht", state="stopped")), 20)
    stops = [stop for band in shown.bands for stop in band.stops]
    found = [stop.kpi.state if stop.kpi else None for stop in stops]
    assert found == [None, State.STOPPED, State.ON_NORM, None]
    assert shown.stopped == 1


def test_alarms_take_the_place_of_tiles() -> None:
    drawn, histograms = many(late=14, fine=3)
    made = journey_snapshot(histograms, None, kpi_row("bericht"), kpi_row("antwoord"))
    shown = board(replace(made, drawn=drawn), 20)
    assert len(shown.alarms) + len(shown.tiles) == MOST_TILES


def test_the_scale_of_a_tile_holds_both_its_limit_and_its_p90() -> None:
    shown = board_of({**gap("bericht", [9 * DAY] * 9)})
    tile = shown.tiles[0]
    assert tile.figure.p90 is not None
    assert tile.on_scale(tile.figure.p90) == 950
    assert 0 < tile.on_scale(timedelta(days=2) // timedelta(milliseconds=1)) < 950
