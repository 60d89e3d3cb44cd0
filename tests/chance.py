"""A journey in two versions, and what happened to its cases, drawn by chance: the same seed draws the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from schemas.journey import Journey, JourneyVersion
from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent

DAYS = 28
"""Everything happens within so many days, all of which are kept by the minute."""

_ZONES = ("Europe/Amsterdam", "Asia/Kolkata", "America/St_Johns")  # days and hours that begin elsewhere than UTC's
_DEPARTMENTS = ("balie", "vergunningen", "bezwaar", None)
_CHANNELS = ("web", "telefoon", "e-mail", None)
_CUSTOMERS = 50  # so few that some are asked again
_PERSONAS = ("bewoner", "ondernemer", None)
_HOURS: tuple[dict[str, Any], ...] = (
    {"monday-friday": "08:30-17:00"},
    {"monday-saturday": ["00:15-12:00", "12:30-24:00"], "sunday": "01:30-02:30"},
)
_LIMITS = {"calendar": ("P1D", "PT30H"), "legal": ("P1D", "P4D"), "working": ("PT9H", "PT14H30M")}
_TIMES = (timedelta(0), timedelta(seconds=9), timedelta(hours=1), *[timedelta(hours=9), timedelta(days=2)] * 4)

_STANDARD_SCORES = {
    "satisfaction": range(1, 11),
    "effort": range(1, 8),
    "emotion": range(-2, 3),
    "nps": range(11),
    "expectation_met": range(2),
    "outcome_reached": range(2),
}
# The first version has a scale that is turned round, and the second means something else by the same question.
_QUESTIONS: tuple[list[dict[str, Any]], ...] = (
    [
        {"id": "oordeel", "measure": "satisfaction", "text": "O?", "scale": {"low": 1, "high": 5}},
        {"id": "moeite", "measure": "effort", "text": "M?", "scale": {"low": 5, "high": 1}},
    ],
    [{"id": "oordeel", "measure": "overall", "text": "O?", "mapping": {0: 1, 1: "5.5", 2: 10}}],
)
_SCORES = (
    {**_STANDARD_SCORES, "oordeel": range(1, 6), "moeite": range(1, 6)},
    {**_STANDARD_SCORES, "oordeel": range(3)},
)

# What is said by the first version means something else by the second, which hears it of another attribute, too.
_OUTCOMES: tuple[tuple[dict[str, Any], ...], ...] = (
    ({"attribute": "uitkomst", "values": {"verleend": "granted", "geweigerd": "refused", "true": "granted"}},),
    (
        {"attribute": "uitkomst", "values": {"Verleend": "partly", "3": "refused"}},
        {"attribute": "bedrag", "values": {"12.5": "granted"}},
    ),
)
_OUTCOME_IDS = [{"id": each, "name": each} for each in ("granted", "refused", "partly")]

Arrival = TouchpointEvent | SurveyAnswer


@dataclass(frozen=True)
class Drawn:
    """One journey's versions, and its events and answers, each once, in no order.

    `strays` are of journeys that nobody knows, each of another one: they are to be rejected.
    """

    versions: Sequence[JourneyVersion]
    events: Sequence[TouchpointEvent]
    answers: Sequence[SurveyAnswer]
    strays: Sequence[Arrival]

    @property
    def journey(self) -> str:
        return self.versions[0].journey.id

    @property
    def arrivals(self) -> Sequence[Arrival]:
        arrivals: list[Arrival] = [*self.events]
        return [*arrivals, *self.answers]


def draw(journey: str, seed: int, size: int, until: datetime) -> Drawn:
    """Draw a journey and about `size` events and answers, the last of them at `until`."""
    chance = Random(f"{journey}/{seed}")
    drawing = _Drawing(chance, journey, until)
    versions = drawing.versions()
    events: list[TouchpointEvent] = []
    answers: list[SurveyAnswer] = []
    while len(events) + len(answers) < size:
        case = drawing.case(versions)
        events += case.events
        answers += case.answers
    drawn = Drawn(versions, events, answers, [])
    strays = [
        each.model_copy(update={"journey": f"{journey}-stray-{number}"})
        for number, each in enumerate(chance.sample(drawn.arrivals, size // 100))
    ]
    return replace(drawn, strays=strays)


@dataclass(frozen=True)
class _Case:
    events: Sequence[TouchpointEvent]
    answers: Sequence[SurveyAnswer]


class _Drawing:
    def __init__(self, chance: Random, journey: str, until: datetime) -> None:
        self._chance = chance
        self._journey = journey
        self._until = until
        self._numbers = count(1)

    def versions(self) -> tuple[JourneyVersion, JourneyVersion]:
        """Draw a journey; in its second version spans and end touchpoints differ, and each phase runs the other way."""
        phases = [
            {"id": f"f{place}", "name": "F", "touchpoints": self._touchpoints(place)}
            for place in range(self._chance.randint(2, 4))
        ]
        aftercare = {"id": "na", "name": "N", "aftercare": True, "touchpoints": self._touchpoints(9)}
        zone = self._chance.choice(_ZONES)
        turned = [{**phase, "touchpoints": phase["touchpoints"][::-1]} for phase in phases]
        half = self._until - timedelta(days=DAYS / 2)
        journeys = self._drawn([*phases, aftercare], zone, 0), self._drawn([*turned, aftercare], zone, 1)
        since = datetime(1, 1, 2, tzinfo=UTC), half
        first, second = (
            JourneyVersion(version=place + 1, valid_from=since[place], journey=journeys[place]) for place in (0, 1)
        )
        return first, second

    def case(self, versions: Sequence[JourneyVersion]) -> _Case:
        """Draw a case; now and then one of which there is nothing but answers, or nothing that stands."""
        number = next(self._numbers)
        about = {"journey": self._journey, "case_id": f"{self._journey}-{number}"}
        events = list(self._events(about, versions[0].journey)) if self._chance.random() < 0.97 else []
        voids = list(self._voids(events))
        answers = list(self._answers(about, events, versions))
        return _Case([*events, *voids], answers)

    def _touchpoints(self, phase: int) -> list[dict[str, Any]]:
        number = self._chance.randint(1, 3)
        return [
            {
                "id": f"t{phase}{place}",
                "name": "T",
                "asks": ["satisfaction"] if self._chance.random() < 0.5 else [],
                "moment_of_truth": self._chance.random() < 0.5,
                "gap_limit": "PT10H" if self._chance.random() < 0.3 else None,
                "complaint": self._chance.random() < 0.2,
                "repeatable": True,
                "waiting_limit": self._chance.choice((None, "PT5H", "P2D")),
                "expects": self._successor(phase, number),
                "optional": self._chance.random() < 0.4,
                "department": self._chance.choice(_DEPARTMENTS),
            }
            for place in range(number)
        ]

    def _saying(self, phase: Mapping[str, Any], ways: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Let some touchpoints of a phase say the outcome."""
        said = [{"outcome": self._chance.choice(ways) if self._chance.random() < 0.4 else None} for _ in range(9)]
        return {
            **phase,
            "touchpoints": [{**each, **more} for each, more in zip(phase["touchpoints"], said, strict=False)],
        }

    def _successor(self, phase: int, number: int) -> dict[str, str] | None:
        """Draw what must follow a touchpoint: one of the same phase of so many touchpoints, itself perhaps."""
        followed = {"touchpoint": f"t{phase}{self._chance.randrange(number)}", "within": "PT20H"}
        return followed if self._chance.random() < 0.4 else None

    def _drawn(self, phases: Sequence[Mapping[str, Any]], zone: str, place: int) -> Journey:
        ids = [touchpoint["id"] for phase in phases for touchpoint in phase["touchpoints"]]
        last = [touchpoint["id"] for touchpoint in phases[-2]["touchpoints"]]
        starts, ends = self._chance.choices(ids, k=4), self._chance.choices(ids, k=2)
        return Journey.model_validate(
            {
                "id": self._journey,
                "name": "J",
                "outcomes": _OUTCOME_IDS,
                "time_zone": zone,
                "working_hours": self._chance.choice(_HOURS),
                "holidays": self._chance.choice(("NL", None)),
                "phases": [self._saying(phase, _OUTCOMES[place]) for phase in phases],
                "end_touchpoints": self._chance.sample(last, self._chance.randint(1, len(last))),
                "spans": [
                    self._span(f"s{place}", start, self._chance.choice(ends), ids) for place, start in enumerate(starts)
                ],
                "questions": _QUESTIONS[place],
                "case_limit": self._chance.choice((None, "P3D")),
            }
        )

    def _span(self, name: str, start: str, end: str, ids: Sequence[str]) -> dict[str, Any]:
        """Draw a span: on any clock, with a limit or without, and with pauses where touchpoints are left for them."""
        clock = self._chance.choice(("calendar", "calendar", "legal", "working"))
        others = [each for each in ids if each not in (start, end)]
        pairs = [self._chance.sample(others, 2) for _ in range(self._chance.choice((0, 1, 2)))] if others[1:] else []
        return {
            "id": name,
            "name": "S",
            "start": start,
            "end": end,
            "clock": clock,
            "limit": self._chance.choice(_LIMITS[clock]) if self._chance.random() < 0.7 else None,
            "pauses": [
                {"from": since, "until": until, "at_most": self._chance.choice((None, "PT9H", _LIMITS[clock][0]))}
                for since, until in pairs
            ],
        }

    def _events(self, about: Mapping[str, str], drawn: Journey) -> Iterator[TouchpointEvent]:
        """Walk through the journey: mostly on, at times back or in place, until the end or a halt."""
        first = self._until - timedelta(days=DAYS)
        at = self._until - timedelta(days=DAYS) * self._chance.random()
        department, persona = self._chance.choice(_DEPARTMENTS), self._chance.choice(_PERSONAS)
        customer = f"klant-{self._chance.randrange(_CUSTOMERS)}" if self._chance.random() < 0.5 else None
        for touchpoint in self._route(drawn):
            if at > self._until:
                return
            yield TouchpointEvent(
                **about,
                source=self._chance.choice(("zaaksysteem", "kcc")),
                event_id=f"{about['case_id']}-{next(self._numbers)}",
                touchpoint=touchpoint,
                occurred_at=at,
                started_at=max(at - self._gap(), first) if self._chance.random() < 0.2 else None,
                due_at=at + self._chance.choice((-1, 0, 1)) * self._gap() if self._chance.random() < 0.2 else None,
                customer=customer,
                channel=self._chance.choice(_CHANNELS),
                department=department if self._chance.random() < 0.8 else self._chance.choice(_DEPARTMENTS),
                team=self._chance.choice(("noord", None)),
                employee=self._chance.choice(("m-17", None)),
                party=self._chance.choice(("vervoerder", None)),
                persona=persona,
                cost=self._chance.choice(("41.50", None)),
                attributes=self._attributes(drawn),
            )
            at += self._gap()

    def _attributes(self, drawn: Journey) -> dict[str, Any]:
        about = self._chance.choice(list(drawn.touchpoint_ids))
        said = self._chance.choice(("verleend", "GEWEIGERD", "anders", True, 3, None))
        return self._chance.choice(({}, {"uitkomst": said, "bedrag": 12.5}, {"about": about, "uitkomst": said}))

    def _route(self, drawn: Journey) -> Iterator[str]:
        ids = list(drawn.touchpoint_ids)
        place = 0
        while place < len(ids):
            yield ids[place]
            if self._chance.random() < 0.05:  # nothing more is heard of it
                return
            place = max(0, place + self._chance.choice((-3, 0, 1, 1, 1, 1, 2)))

    def _gap(self) -> timedelta:
        """Draw a time between seconds and days, or none at all."""
        return self._chance.choice(_TIMES) * self._chance.expovariate(1)

    def _voids(self, events: Sequence[TouchpointEvent]) -> Iterator[TouchpointEvent]:
        """In one case of five, take some events back, and at times one that never was."""
        if self._chance.random() < 0.8:
            return
        for event in events:
            drawn = self._chance.random()
            if drawn < 0.25:
                later = min(event.occurred_at + self._gap(), self._until)
                wrong = event.event_id if drawn > 0.01 else "never sent"
                yield event.model_copy(
                    update={"event_id": f"{event.event_id}-terug", "voids": wrong, "occurred_at": later}
                )

    def _answers(
        self, about: Mapping[str, str], events: Sequence[TouchpointEvent], versions: Sequence[JourneyVersion]
    ) -> Iterator[SurveyAnswer]:
        """Answer a few questions about some visit: later, at the same moment, or earlier; or about none."""
        for _ in range(self._chance.choice((0, 0, 0, 1, 4)) if events else 1):
            event = self._chance.choice(events) if events else None
            moment = (event.occurred_at if event else self._until) + self._chance.choice((-1, 1, 1, 1)) * self._gap()
            moment = max(self._until - timedelta(days=DAYS), min(moment, self._until))
            scores = _SCORES[moment >= versions[1].valid_from]
            question = self._chance.choice(list(scores))
            silent = self._chance.random() < 0.1
            named = event.touchpoint if event else self._chance.choice(list(versions[0].journey.touchpoint_ids))
            yield SurveyAnswer(
                **about,
                source="enquete",
                answer_id=f"{about['case_id']}-{next(self._numbers)}",
                question=question,
                answered_at=moment,
                touchpoint=named if self._chance.random() < 0.9 else None,
                invitation_id=self._chance.choice(("i-77", None)),
                customer=event.customer if event else None,
                score=None if silent else self._chance.choice(scores[question]),
                text="Duurde lang." if silent or self._chance.random() < 0.1 else None,
            )
