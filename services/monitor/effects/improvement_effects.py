"""Whether an improvement worked, from what is stored: its weeks, those of other touchpoints, and their alarms."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from schemas.improvement import Improvement
from schemas.journey import Journey, JourneyVersion
from services.monitor.effects.weekly import Gauge, by_week, other_gauges, own_gauge, weekly
from services.store.alarm_reading import read_alarms
from services.store.chart_reading import read_begin, read_periods
from services.store.improvements import read_improvements
from services.store.reading import Histograms, Moment
from streams.effect import WEEKS_AFTER, WEEKS_BEFORE, Sides, Weekly
from streams.effect_weeks import Alarm, Before, before, disturbed, sides, week_of
from streams.improvement_effect import Lacking, Measured, Unmeasured, expected_reach, measured, number
from streams.periods import weeks_from
from streams.sample import together
from streams.scores import Estimate

_A_WEEK = timedelta(weeks=1)
_YEAR = 52
_DAY = 86_400_000
_BACK = _YEAR + WEEKS_BEFORE
"""How many weeks before a change are looked at: the thirteen, and a year of placebos."""


class Effect(StrEnum):
    """What can be said of an improvement."""

    PLANNED = "planned"
    """It has not been made yet."""
    PROVISIONAL = "provisional"
    """It has been made, and not all weeks in which customers meet it have passed."""
    WORKED = "worked"
    BACKFIRED = "backfired"
    """What it was to change went the other way."""
    NO_DIFFERENCE = "no_difference"
    """There is none that chance would not explain."""
    UNMEASURED = "unmeasured"


@dataclass(frozen=True)
class Other:
    """A touchpoint that an improvement may be held against; `disturbed` if something of its own changed meanwhile."""

    gauge: Gauge
    n_before: int
    n_after: int
    disturbed: bool
    compared: bool


@dataclass(frozen=True)
class EffectReport:
    """What an improvement did, and what that rests on.

    `day` is that from which weeks are counted: on which it was made, else today. `told_on` is the day on which its
    weeks have all passed; None if it has not been made. `estimate` is in points of its measure, or of durations a share
    more or (negative) less, `expected` how far its interval will reach, and `hoped` the size that was hoped for, in the
    same; None if nothing tells yet.
    """

    improvement: Improvement
    gauge: Gauge
    effect: Effect
    day: date
    told_on: date | None
    before: Before
    sides: Sides | None
    measured: Measured | None
    unmeasured: Unmeasured | None
    estimate: Estimate | None
    expected: float | None
    hoped: float | None
    own: Weekly
    others: Sequence[Other]
    compared: Sequence[Weekly]
    inseparable: Sequence[Improvement]
    """Other improvements of the same, made so that customers began to meet them before all weeks had passed."""
    known: range
    """The weeks that have passed, from the first one of which there are figures."""


async def read_effect(
    moment: Moment, versions: Sequence[JourneyVersion], number: int, now: datetime, enough: int
) -> EffectReport | None:
    """Return what an improvement did; None if the journey has none of that number, or it was withdrawn.

    Under `enough` values on either side of it nothing is told.
    """
    drawn = versions[-1].journey
    made = await read_improvements(moment, drawn.id)
    improvement = next((each for each in made if each.id == number and each.withdrawn_at is None), None)
    if improvement is None:
        return None
    today = now.astimezone(drawn.zone).date()
    day = improvement.done_on or today
    known = _known_weeks(day, today, await read_begin(moment, drawn.id), drawn)
    gauges = [own_gauge(improvement.touchpoint, improvement.effect)]
    gauges += other_gauges(improvement.touchpoint, improvement.effect, drawn)
    held: Mapping[int, Histograms] = {}
    if known:
        weeks = weeks_from(day, known.start, known.stop, drawn.zone)
        found = await read_periods(moment, drawn.id, weeks, {gauge.measure for gauge in gauges})
        held = dict(zip(known, found, strict=True))
    alarms = await read_alarms(moment, drawn.id, drawn.zone)
    return effect_report(improvement, drawn, held, known, alarms, made, today, enough)


def effect_report(  # noqa: PLR0917 - all that is known of it
    improvement: Improvement,
    drawn: Journey,
    held: Mapping[int, Histograms],
    known: range,
    alarms: Mapping[str, Sequence[Alarm]],
    made: Collection[Improvement],
    today: date,
    enough: int,
) -> EffectReport:
    """Work out what an improvement did; `held` are the weeks, counted from the day of it or else from today."""
    day = improvement.done_on or today
    own_of = own_gauge(improvement.touchpoint, improvement.effect)
    gauges = other_gauges(improvement.touchpoint, improvement.effect, drawn)
    samples = by_week([own_of, *gauges], held)

    def touchpoint_weeks(gauge: Gauge) -> Weekly:
        changes = [(each.done_on, each.settles_weeks) for each in made if each.done_on and _concerns(each, gauge)]
        return weekly(samples[gauge], set(disturbed(_alarms_of(gauge, drawn, alarms), changes, day)))

    own, others = touchpoint_weeks(own_of), [touchpoint_weeks(gauge) for gauge in gauges]
    alike = [each for each in made if each.id != improvement.id and each.done_on and _concerns(each, own_of)]
    settled = [_settled_week(each, day) for each in alike if _settled_week(each, day) <= 0]
    held_against = before(day, _alarms_of(own_of, drawn, alarms), max([known.start, *settled]))
    both = sides(held_against, improvement.settles_weeks)
    reach = None if both is None else expected_reach(own, others, both, known.start)
    told_on = improvement.done_on and day + _A_WEEK * (improvement.settles_weeks + WEEKS_AFTER)
    found = _found(own, others, both, known, enough) if told_on and today >= told_on else None
    estimate = own_of.shown(found.estimate) if isinstance(found, Measured) else None
    return EffectReport(
        improvement=improvement,
        gauge=own_of,
        effect=_effect(improvement, found),
        day=day,
        told_on=told_on,
        before=held_against,
        sides=both,
        measured=found if isinstance(found, Measured) else None,
        unmeasured=found if isinstance(found, Unmeasured) else None,
        estimate=estimate,
        expected=_expected(improvement, own_of, reach),
        hoped=_hoped(improvement, own_of, own, held_against.weeks),
        own=own,
        others=[_other(*each, both) for each in zip(gauges, others, strict=True)],
        compared=[each for each in others if both and each.calm_step(both) is not None],
        inseparable=[each for each in alike if told_on and _meets(each, day, told_on)],
        known=known,
    )


def _known_weeks(day: date, today: date, begins: datetime | None, drawn: Journey) -> range:
    """Return the weeks, counted from a day, that have passed and have figures."""
    if begins is None:
        return range(0)
    first = -((day - begins.astimezone(drawn.zone).date()).days // 7)
    return range(max(-_BACK, first), max(-_BACK, first, week_of(today, day)))


def _found(
    own: Weekly, others: Sequence[Weekly], both: Sides | None, known: range, enough: int
) -> Measured | Unmeasured:
    if both is None:
        return Unmeasured(Lacking.WEEKS_BEFORE, 0, 1)
    return measured(own, others, both, known.start, enough)


def _effect(improvement: Improvement, found: Measured | Unmeasured | None) -> Effect:
    if improvement.done_on is None:
        return Effect.PLANNED
    if found is None:
        return Effect.PROVISIONAL
    if isinstance(found, Unmeasured):
        return Effect.UNMEASURED
    wanted = 1 if improvement.effect.direction == "up" else -1
    return {0: Effect.NO_DIFFERENCE, wanted: Effect.WORKED, -wanted: Effect.BACKFIRED}[found.sign]


def _expected(improvement: Improvement, gauge: Gauge, reach: float | None) -> float | None:
    """Return how far an interval will reach, in the direction that is wanted: of durations that is not the same."""
    if reach is None:
        return None
    wanted = reach if improvement.effect.direction == "up" else -reach
    return abs(gauge.shown(Estimate(wanted, wanted, wanted)).value)


def _hoped(improvement: Improvement, gauge: Gauge, own: Weekly, weeks: Sequence[int]) -> float | None:
    """Return the size of the effect that is expected, in points, or as a share of the duration before."""
    size = float(improvement.effect.size)
    if gauge.is_score:
        return size
    before = together(own.weeks[week] for week in weeks if week in own.weeks).mean
    return None if before is None else size * _DAY / gauge.level(before)


def _other(gauge: Gauge, held: Weekly, both: Sides | None) -> Other:
    if both is None:
        return Other(gauge, 0, 0, disturbed=False, compared=False)
    n_before, n_after = (number(held, side) for side in both)
    changed = any(week in held.disturbed for week in both.weeks)
    return Other(gauge, n_before, n_after, changed, compared=held.calm_step(both) is not None)


def _settled_week(improvement: Improvement, day: date) -> int:
    """Return from which week on customers meet an improvement; one that is made on the day itself counts as later."""
    made = improvement.done_on or day
    return 1 if made >= day else week_of(made, day) + improvement.settles_weeks + 1


def _meets(improvement: Improvement, day: date, told_on: date) -> bool:
    """Say whether customers began to meet an improvement between a change and the end of the weeks that count."""
    made = improvement.done_on or told_on
    return made < told_on and made + _A_WEEK * improvement.settles_weeks >= day


def _concerns(improvement: Improvement, gauge: Gauge) -> bool:
    """Say whether an improvement is one of what a gauge measures: whatever is changed at a touchpoint may change it."""
    return gauge.of in (improvement.touchpoint, improvement.effect.span)


def _alarms_of(gauge: Gauge, drawn: Journey, alarms: Mapping[str, Sequence[Alarm]]) -> Sequence[Alarm]:
    """Return the alarms of all KPIs that judge what a gauge measures, of whomever."""
    kpis = [kpi.id for kpi in drawn.kpis if kpi.measure == gauge.measure and gauge.of in (kpi.touchpoint, kpi.span)]
    return sorted((alarm for kpi in kpis for alarm in alarms.get(kpi, ())), key=lambda alarm: alarm.raised)
