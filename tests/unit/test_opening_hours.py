"""How a file writes opening hours, and what is refused in them."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from schemas.opening_hours import OpeningHours, week_of

HOURS: TypeAdapter[Any] = TypeAdapter(OpeningHours)


def test_several_days_and_several_stretches() -> None:
    hours = HOURS.validate_python({"monday-wednesday": "08:30-17:00", "saturday": ["13:00-24:00", "00:00-12:30"]})
    assert hours == {
        "monday": ("08:30-17:00",),
        "tuesday": ("08:30-17:00",),
        "wednesday": ("08:30-17:00",),
        "saturday": ("00:00-12:30", "13:00-24:00"),
    }
    day = ((510, 1020),)
    assert week_of(hours) == (day, day, day, (), (), ((0, 750), (780, 1440)), ())
    assert HOURS.validate_python(HOURS.dump_python(hours, mode="json")) == hours


@pytest.mark.parametrize(
    ("given", "path", "words"),
    [
        ({}, (), "name weekdays"),
        ("08:30-17:00", (), "name weekdays"),
        ({"maandag": "08:30-17:00"}, ("maandag",), "a weekday"),
        ({"monday-": "08:30-17:00"}, ("monday-",), "a weekday"),
        ({"monday": "08:30-25:00"}, ("monday",), "hours such as"),
        ({1: "08:30-17:00"}, (1,), "a weekday"),
        ({"friday-monday": "08:30-17:00"}, ("friday-monday",), "monday comes before friday"),
        ({"monday": []}, ("monday",), "a list of them"),
        ({"monday": 8}, ("monday",), "a list of them"),
        ({"monday": ["8:30-17:00"]}, ("monday", 0), "hours such as"),
        ({"monday": ["08:30-12:00", 13]}, ("monday", 1), "hours such as"),
        ({"monday": "17:00-08:30"}, ("monday",), "the next day"),
        ({"monday": "08:30-08:30"}, ("monday",), "the next day"),
        ({"monday": ["08:30-12:00", "11:59-17:00"]}, ("monday", 1), "overlap on monday"),
        ({"monday-friday": "08:30-17:00", "friday": "09:00-12:00"}, ("friday",), "overlap on friday"),
    ],
)
def test_a_mistake_is_placed(given: Any, path: tuple[str | int, ...], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        HOURS.validate_python(given)
    (found,) = refused.value.errors()
    assert found["ctx"]["path"] == path
    assert words in found["msg"]


def test_stretches_may_touch() -> None:
    assert week_of(HOURS.validate_python({"sunday": ["08:00-12:00", "12:00-13:00"]}))[6] == ((480, 720), (720, 780))
