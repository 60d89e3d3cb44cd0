"""What the demo's improvements did, from its own answers and by its own alarm: one worked, the decoy did not."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.improvement import Improvement
from schemas.survey_answer import SurveyAnswer
from services.monitor.effects.improvement_effects import Effect, EffectReport, effect_report
from services.simulator.population import Population
from services.store.reading import Histogram, Histograms, Subject
from streams.cusum import Bucket
from streams.effect_weeks import Alarm, week_of
from streams.kpi import Aim, Standing, trace
from streams.thresholds import threshold
from tests.dashboards.demo import demo_journey

ANCHOR = datetime(2026, 11, 18, 14, 0, tzinfo=UTC)
WEEKS = 44
DRAWN = demo_journey()
TODAY = ANCHOR.astimezone(DRAWN.zone).date()


def improvement(number: int, touchpoint: str, weeks_ago: int, settles: int) -> Improvement:
    done = TODAY - timedelta(weeks=weeks_ago)
    return Improvement.model_validate(
        {
            "id": number,
            "journey": DRAWN.id,
            "revision": 1,
            "written_at": ANCHOR,
            "written_by": "proef",
            "touchpoint": touchpoint,
            "what": "proef",
            "effect": {"measure": "satisfaction", "direction": "up", "size": 1},
            "done_on": done,
            "settles_weeks": settles,
        }
    )


STATUS_MESSAGE = improvement(1, "aanvullingsverzoek", 12, 4)
INSPECTION = improvement(2, "toezichtbezoek", 10, 0)


@pytest.fixture(scope="module")
def answers() -> Sequence[SurveyAnswer]:
    population = Population(1, ANCHOR)
    first = TODAY - timedelta(weeks=WEEKS)
    cases = [case for n in range(7 * WEEKS + 1) for case in population.beginning_on(first + timedelta(days=n))]
    return [each for case in cases for each in case.answers if each.score is not None and each.answered_at <= ANCHOR]


@pytest.fixture(scope="module")
def alarms(answers: Sequence[SurveyAnswer]) -> Sequence[Alarm]:
    """What the test of the demo's KPI makes of the answers, with a threshold of the quarter before."""
    hours: dict[datetime, Counter[int]] = defaultdict(Counter)
    for each in answers:
        if (each.touchpoint, each.question) == ("aanvullingsverzoek", "satisfaction"):
            hours[each.answered_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)][each.score or 0] += 1
    buckets = [
        Bucket(at, found.total(), 1000 * sum(score * n for score, n in found.items()))
        for at, found in sorted(hours.items())
    ]
    aim, begins = Aim.of_score(7000), ANCHOR - timedelta(weeks=30)
    level = threshold(
        aim, [each for each in buckets if begins <= each.at < ANCHOR - timedelta(weeks=17)], DRAWN.zone, 1
    )
    found: list[Alarm] = []
    climbs: date | None = None
    for step in trace(aim, Standing(), [each for each in buckets if each.at >= begins], level):
        day = step.bucket.at.astimezone(DRAWN.zone).date()
        climbs = (climbs or day) if step.level > 0 else None
        if step.changed and not step.below:
            found.append(Alarm(climbs or day, day))
        elif step.changed:
            found[-1] = replace(found[-1], mends=climbs or day, ended=day)
    return found


def report(made: Improvement, answers: Sequence[SurveyAnswer], alarms: Sequence[Alarm]) -> EffectReport:
    day = made.done_on or TODAY
    weeks: dict[int, dict[Subject, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    for each in answers:
        measure = DRAWN.question_by_id[each.question].measure
        subject = Subject(f"released {measure}", "", each.touchpoint or "", "")
        week = week_of(each.answered_at.astimezone(DRAWN.zone).date(), day)
        weeks[week][subject][1000 * (each.score or 0)] += 1
    known = range(week_of(TODAY - timedelta(weeks=WEEKS - 4), day), week_of(TODAY, day))
    held: Mapping[int, Histograms] = {
        week: {subject: Histogram(n.total(), 0, n) for subject, n in weeks[week].items()} for week in known
    }
    by_kpi = {"aanvullingsverzoek": alarms}
    return effect_report(made, DRAWN, held, known, by_kpi, [STATUS_MESSAGE, INSPECTION], TODAY, 20)


def test_the_alarm_of_the_demo_still_stood_when_the_status_message_came(alarms: Sequence[Alarm]) -> None:
    (alarm,) = alarms
    assert 13 <= (TODAY - alarm.raised).days / 7 <= 16
    assert alarm.ended is not None
    assert (TODAY - alarm.ended).days / 7 < 8


def test_the_status_message_worked(answers: Sequence[SurveyAnswer], alarms: Sequence[Alarm]) -> None:
    found = report(STATUS_MESSAGE, answers, alarms)
    assert found.effect is Effect.WORKED
    assert found.estimate is not None
    # the score fell to 5.4 and came back to 7.6
    assert found.estimate.low < 2.2 < found.estimate.high
    assert found.estimate.low > 0.7
    assert found.before.standing == alarms[0]


def test_the_inspections_were_changed_for_nothing(answers: Sequence[SurveyAnswer], alarms: Sequence[Alarm]) -> None:
    found = report(INSPECTION, answers, alarms)
    assert found.effect is Effect.NO_DIFFERENCE
    assert found.estimate is not None
    assert found.estimate.low < 0 < found.estimate.high
    assert found.measured is not None
    assert found.measured.others >= 6


def test_with_the_thirteen_weeks_whatever_the_alarm_it_would_hardly_show(answers: Sequence[SurveyAnswer]) -> None:
    """Most of them are of the level before the handlers were lost, which the message was not to beat."""
    found = report(STATUS_MESSAGE, answers, [])
    assert found.estimate is not None
    assert found.estimate.value < 1.2
