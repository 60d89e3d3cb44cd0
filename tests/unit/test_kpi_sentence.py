"""Where a KPI stands, in one sentence."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.kpi import Kpi
from streams.kpi import State
from streams.kpi_sentence import Shown, sentence

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LATE_2_MARCH = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # half past midnight on the 3rd in Amsterdam


def kpi(measure: str, norm: str, **more: Any) -> Kpi:
    return Kpi.model_validate(
        {"id": "k", "name": {"nl": "Vraag", "en": "Question"}, "measure": measure, "norm": norm, **more}
    )


@pytest.mark.parametrize(
    ("of", "state", "shown", "nl", "en"),
    [
        (
            kpi("satisfaction", "7.5"), State.BELOW_NORM, (48, "6.58"),
            "Vraag: onder norm, gemiddeld 6,6 over 48 antwoorden sinds 3 mrt, norm 7,5",
            "Question: below norm, mean 6.6 over 48 answers since 3 Mar, norm 7.5",
        ),
        (
            kpi("satisfaction", "7"), State.TOO_FEW, (1, None),
            "Vraag: te weinig antwoorden, norm 7,0",
            "Question: too few answers, norm 7.0",
        ),
        (
            kpi("throughput", "0.95"), State.BELOW_NORM, (1234, "0.773"),
            "Vraag: onder norm, 77,3\u202f% binnen de termijn van 1.234 zaken sinds 3 mrt, norm 95\u202f%",
            "Question: below norm, 77.3% in time of 1,234 cases since 3 Mar, norm 95%",
        ),
        (
            kpi("complaints", "0.05"), State.BELOW_NORM, (400, "0.08"),
            "Vraag: boven norm, 8\u202f% klachten bij 400 contacten sinds 3 mrt, norm hoogstens 5\u202f%",
            "Question: above norm, 8% complaints at 400 visits since 3 Mar, norm at most 5%",
        ),
        (
            kpi("volume", "24", direction="at_most"), State.BELOW_NORM, (20, "31.4"),
            "Vraag: boven norm, gemiddeld 31 per dag over 20 dagen sinds 3 mrt, norm hoogstens 24",
            "Question: above norm, mean 31 a day over 20 days since 3 Mar, norm at most 24",
        ),
        (
            kpi("nps", "-5"), State.WATCH, (60, "-18.4"),
            "Vraag: let op, NPS -18 over 60 antwoorden sinds 3 mrt, norm -5",
            "Question: watch, NPS -18 over 60 answers since 3 Mar, norm -5",
        ),
        (
            kpi("expectation_met", "0.8"), State.ON_NORM, (30, "0.9"),
            "Vraag: op norm, ging zoals verwacht 90\u202f% over 30 antwoorden sinds 3 mrt, norm 80\u202f%",
            "Question: on norm, went as expected 90% over 30 answers since 3 Mar, norm 80%",
        ),
        (
            kpi("gap", "0.9", touchpoint="t"), State.STOPPED, (2, "0.5"),
            "Vraag: meting stil, 50\u202f% binnen de grens van 2 tussentijden sinds 3 mrt, norm 90\u202f%",
            "Question: measuring stopped, 50% within the limit of 2 gaps since 3 Mar, norm 90%",
        ),
    ],
)  # fmt: skip
def test_a_sentence(of: Kpi, state: State, shown: tuple[int, str | None], nl: str, en: str) -> None:
    n, value = shown
    until = LATE_2_MARCH + timedelta(days=30)
    figure = Shown(LATE_2_MARCH, until, n, None if value is None else Decimal(value))
    assert sentence(of, state, figure, AMSTERDAM, "nl") == nl
    assert sentence(of, state, figure, AMSTERDAM, "en") == en


def test_a_day_of_long_ago_has_its_year() -> None:
    figure = Shown(LATE_2_MARCH, LATE_2_MARCH + timedelta(days=301), 48, Decimal("6.6"))
    said = sentence(kpi("satisfaction", "7.5"), State.BELOW_NORM, figure, AMSTERDAM, "nl")
    assert said.endswith("sinds 3 mrt 2026, norm 7,5")
