"""The colours of the pages: enough contrast to be read (WCAG 2.2, AA), and states that the colour-blind tell apart.

Contrast is that of WCAG's relative luminance. Colour blindness is simulated by the matrices of Machado, Oliveira and
Fernandes (2009) for a total loss; how far colours lie apart then is the distance in CIELAB (1976).
"""

import math
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from itertools import combinations

import pytest

Colour = Sequence[float]

STATIC = files("services.monitor") / "static"
TEXT = (
    *((ink, ground) for ink in ("text", "quiet", "link", "late", "fine", "truth") for ground in ("ground", "surface")),
    *((ink, ground) for ink in ("over", "partly", "within") for ground in ("ground", "surface")),
    ("on-link", "link"),
    *(("on-fill", fill) for fill in ("link", "late", "fine", "truth", "quiet")),
    ("on-over", "over-fill"),
    ("on-alarm", "alarm"),
    ("text", "improve"),
    ("quiet", "improve"),
    ("quiet", "chance"),
)
DRAWN = (
    *((mark, ground) for mark in ("line", "link", "late", "truth") for ground in ("ground", "surface")),
    ("link", "chance"),
    ("late", "chance"),
    ("late", "improve"),
    ("over-p90", "over-fill"),
)
STATES = (("over", "partly", "within"), ("late", "fine", "truth"))
BLIND = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "nobody": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}


def colours(name: str) -> Mapping[str, Colour]:
    """The colours of a style sheet, by name, as light: red, green and blue from 0 to 1, linear."""
    found = re.findall(r"--([a-z0-9-]+): #([0-9a-f]{3,6});", (STATIC / f"{name}.css").read_text())
    return {name: linear(code) for name, code in found}


def linear(code: str) -> Colour:
    six = code if len(code) == 6 else "".join(each * 2 for each in code)
    parts = [int(six[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def luminance(colour: Colour) -> float:
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), colour, strict=True))


def contrast(one: Colour, other: Colour) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def lab(colour: Colour) -> Colour:
    """CIELAB, with the white of sRGB."""
    matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = [value / white for value, white in zip(turned(matrix, colour), (0.9505, 1, 1.089), strict=True)]
    x, y, z = (value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116 for value in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def turned(matrix: Sequence[Sequence[float]], colour: Colour) -> Colour:
    return [sum(share * part for share, part in zip(row, colour, strict=True)) for row in matrix]


def apart(one: Colour, other: Colour, seen: Sequence[Sequence[float]]) -> float:
    first, second = (lab([min(max(part, 0), 1) for part in turned(seen, colour)]) for colour in (one, other))
    return math.dist(first, second)


def test_the_measures_are_those_of_the_book() -> None:
    white, black, red = linear("fff"), linear("000"), linear("f00")
    assert contrast(white, black) == pytest.approx(21)
    assert contrast(linear("767676"), white) == pytest.approx(4.54, abs=0.01)
    assert lab(red) == pytest.approx((53.24, 80.09, 67.2), abs=0.15)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_and_marks_stand_out(name: str) -> None:
    held = colours(name)
    weak = {
        f"{ink} on {ground}": round(contrast(held[ink], held[ground]), 2)
        for pairs, least in ((TEXT, 4.5), (DRAWN, 3.0))
        for ink, ground in pairs
        if contrast(held[ink], held[ground]) < least
    }
    assert weak == {}


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("blind", BLIND)
def test_states_are_told_apart_by_the_colour_blind(name: str, blind: str) -> None:
    held = colours(name)
    alike = {
        f"{one} and {other}": round(distance)
        for states in STATES
        for one, other in combinations(states, 2)
        if (distance := apart(held[one], held[other], BLIND[blind])) < 20
    }
    assert alike == {}


def test_light_and_dark_have_the_same_colours_and_all_that_pages_use() -> None:
    light, dark = colours("light"), colours("dark")
    assert light.keys() == dark.keys()
    used = {
        name
        for sheet in ("desk.css", "wallboard.css")
        for name in re.findall(r"var\(--([a-z0-9-]+)\)", (STATIC / sheet).read_text())
    }
    assert used <= light.keys()
    assert {name for pair in (*TEXT, *DRAWN) for name in pair} <= light.keys()


def test_pages_have_no_other_colours() -> None:
    """One that is written out would not change with the theme."""
    for sheet in ("desk.css", "wallboard.css"):
        assert re.findall(r"[:\s](#[0-9a-f]{3,8})\b(?=[^{}]*;)", (STATIC / sheet).read_text()) == []
