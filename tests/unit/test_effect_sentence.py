"""What an effect rests on, in sentences."""

from datetime import date

import pytest

from services.monitor.effects.effect_sentence import effect_sentences
from services.monitor.effects.improvement_effects import Effect, EffectReport
from services.monitor.effects.weekly import Gauge
from services.monitor.pages.words import Language
from streams.effect import Weekly
from streams.effect_weeks import Alarm, Before
from streams.observations import Measure
from tests.improving import kept

_DAY = date(2026, 3, 2)
_ALARM = Alarm(climbs=date(2026, 1, 5), raised=date(2026, 2, 17))
_ONE, _TWO = (-1,), (-2, -1)


def report(before: Before, settles_weeks: int, effect: Effect = Effect.UNMEASURED) -> EffectReport:
    return EffectReport(
        improvement=kept(1, done_on=_DAY, settles_weeks=settles_weeks),
        gauge=Gauge(Measure.SATISFACTION, "besluit"),
        effect=effect,
        day=_DAY,
        told_on=None,
        before=before,
        sides=None,
        measured=None,
        unmeasured=None,
        estimate=None,
        expected=None,
        hoped=None,
        own=Weekly({}),
        others=(),
        compared=(),
        inseparable=(),
        known=range(-2, 0),
    )


def said(language: Language, told: EffectReport) -> str:
    return " ".join(effect_sentences(language, "Europe/Amsterdam").reasons(told))


@pytest.mark.parametrize(
    ("weeks", "in_dutch", "in_english"),
    [
        (_ONE, "Ervoor: de hele week tussen het alarm", "Before: the whole week between the alarm"),
        (_TWO, "Ervoor: de 2 hele weken tussen het alarm", "Before: the 2 whole weeks between the alarm"),
    ],
)
def test_one_week_since_an_alarm_is_a_week(weeks: tuple[int, ...], in_dutch: str, in_english: str) -> None:
    told = report(Before(weeks, _ALARM, 0), settles_weeks=0)
    assert f"{in_dutch} van 17 februari 2026 en 2 maart 2026." in said(Language.NL, told)
    assert f"{in_english} of 17 February 2026 and 2 March 2026." in said(Language.EN, told)


@pytest.mark.parametrize(
    ("weeks", "left_out", "in_dutch", "in_english"),
    [
        (_ONE, 0, "Ervoor: 1 week tot 2 maart 2026.", "Before: 1 week until 2 March 2026."),
        (_TWO, 0, "Ervoor: 2 weken tot 2 maart 2026.", "Before: 2 weeks until 2 March 2026."),
        (_ONE, 2, "1 week tot 2 maart 2026, zonder 2 weken", "1 week until 2 March 2026, without 2 weeks"),
        (_TWO, 1, "2 weken tot 2 maart 2026, zonder 1 week", "2 weeks until 2 March 2026, without 1 week"),
    ],
)
def test_so_is_one_that_counts_or_is_left_out(
    weeks: tuple[int, ...], left_out: int, in_dutch: str, in_english: str
) -> None:
    told = report(Before(weeks, None, left_out), settles_weeks=0)
    assert in_dutch in said(Language.NL, told)
    assert in_english in said(Language.EN, told)


@pytest.mark.parametrize(
    ("settles_weeks", "in_dutch", "in_english", "begins"),
    [(1, "1 week", "1 week", "9"), (2, "2 weken", "2 weeks", "16")],
)
def test_so_is_one_in_which_customers_do_not_notice_it_yet(
    settles_weeks: int, in_dutch: str, in_english: str, begins: str
) -> None:
    done = report(Before(_TWO, None, 0), settles_weeks)
    assert f": {in_dutch} waarin klanten" in said(Language.NL, done)
    assert f": {in_english} in which customers" in said(Language.EN, done)
    assert f"Erna: 6 weken vanaf {begins} maart 2026." in said(Language.NL, done)
    planned = report(Before(_TWO, None, 0), settles_weeks, Effect.PLANNED)
    assert f"na {in_dutch}, en dan duurt het nog 6 weken" in said(Language.NL, planned)
    assert f"after {in_english}, and then it takes another 6 weeks" in said(Language.EN, planned)
