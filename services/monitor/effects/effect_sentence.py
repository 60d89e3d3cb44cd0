"""What an improvement did, in a sentence, and what that rests on, in a few more: alike on a page and in a terminal."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from services.monitor.effects.effect_words import EFFECT_WORDS, EffectWords
from services.monitor.effects.improvement_effects import Effect, EffectReport
from services.monitor.pages.notation import Notation
from services.monitor.pages.words import WORDS, Language
from streams.effect import OTHERS, WEEKS_AFTER
from streams.effect_weeks import Before
from streams.scores import Estimate

_MINUS = "−"


@dataclass(frozen=True)
class EffectSentences:
    """Says what a report holds, in the words and the notation of one language."""

    words: EffectWords
    say: Notation

    def verdict(self, report: EffectReport) -> str:
        """Return what it did, such as 'werkte: +1,9 (0,9 tot 2,8)'."""
        given = {"day": self.day(report.told_on) if report.told_on else ""}
        if report.estimate is not None:
            given |= self._ends(report, report.estimate)
        if report.unmeasured is not None:
            lacking = report.unmeasured
            given["lacking"] = self.words.lacking[lacking.lacking].format(found=lacking.found, needed=lacking.needed)
        return self.words.said[report.effect].format(**given)

    def in_short(self, report: EffectReport) -> str:
        """Return the same, but of what was not made yet from which difference on it would be seen."""
        if report.effect is not Effect.PLANNED or report.expected is None:
            return self.verdict(report)
        reach = self.size(report, report.expected)
        if self._is_too_small(report):
            return self.words.invisible.format(reach=reach, hoped=self.size(report, report.hoped or 0))
        return self.words.visible.format(reach=reach)

    def reasons(self, report: EffectReport) -> Iterator[str]:
        """Yield what it rests on, or, before it can be told, what to expect."""
        if report.effect in (Effect.PLANNED, Effect.PROVISIONAL):
            yield self._expected(report)
            if self._is_too_small(report):
                yield self.words.too_small.format(hoped=self.size(report, report.hoped or 0))
            if report.improvement.settles_weeks:
                settles = self.say.weeks(report.improvement.settles_weeks)
                yield self.words.told_on.format(settles=settles, after=self.say.weeks(WEEKS_AFTER))
        else:
            yield from self._sides(report)
        if report.measured is not None:
            yield from self._basis(report)
        for other in report.inseparable:
            what = other.what.nl if self.say.words.language is Language.NL else other.what.en
            yield self.words.inseparable.format(what=what, day=self.day(other.done_on or report.day))

    def change(self, report: EffectReport, value: float, *, plus: str = "+") -> str:
        """Return a difference with its sign: in points, or of durations in percent."""
        rounded = round(value, 1 if report.gauge.is_score else 2)
        return (plus if rounded > 0 else _MINUS if rounded < 0 else "") + self.size(report, abs(value))

    def size(self, report: EffectReport, value: float) -> str:
        """Return a difference without its sign."""
        if report.gauge.is_score:
            return self.say.number(value, 1)
        return f"{self.say.number(100 * value)}{self.say.words.before_percent}%"

    def day(self, day: date) -> str:
        """Return a day in words."""
        return f"{day.day} {self.say.words.months[day.month - 1]} {day.year}"

    @staticmethod
    def _is_too_small(report: EffectReport) -> bool:
        """Say whether what is hoped for would not be seen."""
        return report.expected is not None and report.hoped is not None and report.hoped < report.expected

    def _ends(self, report: EffectReport, found: Estimate) -> dict[str, str]:
        low, high = (self.change(report, end, plus="") for end in (found.low, found.high))
        return {"value": self.change(report, found.value), "low": low, "high": high}

    def _expected(self, report: EffectReport) -> str:
        if report.expected is None:
            return self.words.expect_nothing.format(needed=OTHERS)
        return self.words.expect.format(reach=self.size(report, report.expected))

    def _sides(self, report: EffectReport) -> Iterator[str]:
        yield self._before(report.before, self.day(report.day))
        if report.improvement.settles_weeks:
            yield self.words.settles.format(weeks=self.say.weeks(report.improvement.settles_weeks))
        begins = report.day + timedelta(weeks=report.improvement.settles_weeks)
        yield self.words.after.format(weeks=self.say.weeks(WEEKS_AFTER), day=self.day(begins))

    def _before(self, held: Before, day: str) -> str:
        weeks = len(held.weeks)
        if held.standing is not None:
            whole = (self.words.whole_week if weeks == 1 else self.words.whole_weeks).format(weeks=weeks)
            return self.words.since_alarm.format(whole_weeks=whole, alarm=self.day(held.standing.raised), day=day)
        said = self.words.left_out if held.left_out else self.words.before
        return said.format(weeks=self.say.weeks(weeks), left_out=self.say.weeks(held.left_out), day=day)

    def _basis(self, report: EffectReport) -> Iterator[str]:
        found = report.measured
        if found is None or report.estimate is None:
            return
        step = report.gauge.shown(Estimate(found.others_step, found.others_step, found.others_step)).value
        yield self.words.beside.format(others=found.others, step=self.change(report, step))
        if not report.gauge.is_score:
            yield self._in_days(report.gauge.level(found.mean_before), report.estimate)
        yield self.words.placebos.format(placebos=found.placebos)
        if report.effect is Effect.NO_DIFFERENCE:
            yield self.words.chance

    def _in_days(self, before: float, found: Estimate) -> str:
        """Return an effect on a duration as a duration; its usual length is the geometric mean."""
        value, low, high = (self._signed_duration(before * each) for each in found)
        return self.words.days.format(value=value, low=low, high=high, before=self.say.duration(before))

    def _signed_duration(self, milliseconds: float) -> str:
        return ("+" if milliseconds > 0 else _MINUS) + self.say.duration(abs(milliseconds))


def effect_sentences(language: Language, zone: str) -> EffectSentences:
    """Return what says it in a language, by the clock of a zone."""
    return EffectSentences(EFFECT_WORDS[language], Notation(WORDS[language], ZoneInfo(zone)))
