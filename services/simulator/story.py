"""What is true in the demo: who asks, what happens how often, how long it takes, how it is scored, and since when.

This is the ground truth: everything the simulator emits is drawn from these figures, and whatever is measured later
must find them again. Weeks are counted back from the anchor, the moment at which the demo was first started.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from services.simulator.hours import ZONE, before

SOURCE = "simulator"
JOURNEY = "omgevingsvergunning"
HISTORY_MONTHS = 26
REFUSED = "geweigerd"
GRANTED = "verleend"

BEWONER, AANNEMER, ARCHITECT = "bewoner", "aannemer", "architect-gemachtigde"
WEB, PHONE, MAIL, POST, IN_PERSON = "web", "telefoon", "e-mail", "post", "persoonlijk"
KCC, VG, BELASTINGEN, TOEZICHT, JZ = "KCC", "VG Vergunningen", "Belastingen", "Toezicht", "JZ Juridische Zaken"


@dataclass(frozen=True)
class Segment:
    """A persona: its share of all cases, its customer numbers, and its chance of a preliminary talk."""

    share: float
    customers: range
    preliminary_talk: float


SEGMENTS: Mapping[str, Segment] = MappingProxyType(
    {
        BEWONER: Segment(0.55, range(1000, 10000), 0.10),
        AANNEMER: Segment(0.25, range(1, 301), 0.30),
        ARCHITECT: Segment(0.20, range(301, 501), 0.45),
    }
)


@dataclass(frozen=True)
class Contact:
    """How one touchpoint goes: who handles it, over which channels (by share), with how much work, at what cost.

    `mean` is the customers' mean score on the scale of `question` while nothing is wrong; None if it is not asked.
    `asked` is the share of customers who are asked.
    """

    department: str
    channels: Mapping[str, float]
    minutes: float | None = None
    cost: Decimal | None = None
    mean: float | None = None
    asked: float = 0.0
    question: str = "satisfaction"
    scale: int = 10
    by_customer: bool = False


CONTACTS: Mapping[str, Contact] = MappingProxyType(
    {
        "vergunningcheck": Contact(KCC, {WEB: 1}, None, Decimal("0.15"), 7.3, 0.25, by_customer=True),
        "vraag-gesteld": Contact(
            KCC, {PHONE: 0.6, MAIL: 0.25, IN_PERSON: 0.15}, 3, Decimal("8.50"), 7.8, 1.0, by_customer=True
        ),
        "vooroverleg": Contact(VG, {IN_PERSON: 0.7, MAIL: 0.3}, 60, Decimal("240.00"), 7.9, 0.5),
        "aanvraag-ingediend": Contact(
            KCC, {WEB: 0.9, POST: 0.1}, None, Decimal("1.75"), 5.4, 1.0, "effort", 7, by_customer=True
        ),
        "ontvangstbevestiging": Contact(KCC, {MAIL: 0.9, POST: 0.1}, None, Decimal("2.10"), 7.6, 0.25),
        "aanvullingsverzoek": Contact(VG, {MAIL: 0.8, POST: 0.2}, 90, Decimal("65.00"), 7.6, 1.0),
        "aanvulling-ontvangen": Contact(
            VG, {WEB: 0.85, POST: 0.15}, None, Decimal("12.00"), 7.2, 0.25, by_customer=True
        ),
        "statusbericht": Contact(VG, {MAIL: 1}, None, Decimal("0.80"), 8.0, 0.3),
        "verlengingsbericht": Contact(VG, {MAIL: 0.6, POST: 0.4}, 20, Decimal("14.00"), 6.3, 0.5),
        "besluit": Contact(VG, {MAIL: 0.75, POST: 0.25}, 240, Decimal("410.00"), 7.9, 1.0),
        "toelichting": Contact(KCC, {PHONE: 1}, 12, Decimal("14.50"), 7.7, 0.5),
        "legesfactuur": Contact(BELASTINGEN, {POST: 0.5, MAIL: 0.5}, None, Decimal("3.20"), 5.8, 0.5),
        "toezichtbezoek": Contact(TOEZICHT, {IN_PERSON: 1}, 45, Decimal("120.00"), 7.1, 0.5),
        "klacht-ingediend": Contact(JZ, {PHONE: 0.4, WEB: 0.45, POST: 0.15}, None, Decimal("6.00"), by_customer=True),
        "klacht-afgehandeld": Contact(JZ, {PHONE: 0.6, POST: 0.4}, 150, Decimal("190.00"), 6.9, 1.0),
        "bezwaarhoorzitting": Contact(JZ, {IN_PERSON: 1}, 75, Decimal("650.00"), 6.6, 1.0),
    }
)


@dataclass(frozen=True)
class Wait:
    """A log-normal number of calendar days: its median, the spread of its logarithm, and the longest there is."""

    median: float
    sigma: float
    longest: float


WAITS: Mapping[str, Wait] = MappingProxyType(
    {
        "vooroverleg": Wait(15, 0.30, 40),
        "ontvangstbevestiging": Wait(0.7, 0.40, 2),
        "aanvullingsverzoek": Wait(8, 0.30, 25),
        "aanvulling-ontvangen": Wait(8.7, 0.50, 42),
        "besluit": Wait(31, 0.33, 75),
        "toelichting": Wait(1.6, 0.50, 7),
        "legesfactuur": Wait(13, 0.25, 35),
        "toezichtbezoek": Wait(59, 0.30, 150),
        "klacht-afgehandeld": Wait(23, 0.38, 90),
        "bezwaarhoorzitting": Wait(62, 0.15, 110),
    }
)
"""Days until a touchpoint: after its predecessor; for `besluit` the time the organisation takes, the customer's own
time not counted. What falls due outside working hours moves to the next working day, about half a day later."""


@dataclass(frozen=True)
class Chances:
    """The chance of each step that not every case takes.

    `check` holds for cases that begin in working hours (others begin with the check, on the web; those without it with
    a question); the others for all. `questions_before` and `questions_during` are the chances of 0, 1 and 2 questions.
    """

    check: float = 0.80
    questions_before: tuple[float, ...] = (0.40, 0.42, 0.18)
    questions_during: tuple[float, ...] = (0.60, 0.30, 0.10)
    completion: float = 0.40
    extension: float = 0.12
    refusal: float = 0.12
    explanation_granted: float = 0.35
    explanation_refused: float = 0.60
    inspection_if_granted: float = 0.60
    complaint: float = 0.03
    hearing_granted: float = 0.003
    hearing_refused: float = 0.06


@dataclass(frozen=True)
class Plot:
    """What went wrong, and when, in weeks before the anchor. Each change is a step, at event time."""

    handlers_lost: float = 16
    alert: float = 14
    status_introduced: float = 12
    inspection_changed: float = 10
    score_recovered: float = 8
    durations_recovered: float = 4
    completion_slower: float = 1.75
    complaint_factor: float = 2.0
    piled_up: float = 0.35
    question_mean: float = 5.0
    question_hours: timedelta = timedelta(hours=30)
    question_recovers_after: timedelta = timedelta(days=14)


@dataclass(frozen=True)
class Survey:
    """How customers answer: `monday_dip` parts Mondays from other days and leaves the mean over a week as it is."""

    response: float = 0.35
    spread: float = 1.75
    effort_spread: float = 1.2
    refused_mean: float = 4.0
    monday_dip: float = 0.5
    hours: float = 5.0
    hours_sigma: float = 1.1
    longest_days: float = 7.0
    with_text: float = 0.12


CASES_PER_DAY: tuple[float, ...] = (22, 22, 22, 22, 22, 6, 4)
"""Cases that begin, Monday to Sunday: 120 a week, that is 24 a working day, a few of them by web in the weekend."""

TEAMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        KCC: ("m-01", "m-02", "m-03", "m-04", "m-05", "m-06"),
        VG: ("m-11", "m-12", "m-13", "m-14", "m-15", "m-16"),
        BELASTINGEN: ("m-31", "m-32"),
        TOEZICHT: ("m-41", "m-42", "m-43"),
        JZ: ("m-51", "m-52", "m-53"),
    }
)
HANDLERS_LOST = ("m-17", "m-18")
HANDLERS_HIRED = ("m-19", "m-20")

COMPLETION_MEANS: Mapping[str, float] = MappingProxyType({BEWONER: 4.8, AANNEMER: 6.0, ARCHITECT: 6.3})
"""What each persona gives `aanvullingsverzoek` while the handlers are missed: 5.4 over all."""

COMPLAINED_ABOUT: Mapping[str, float] = MappingProxyType(
    {
        "vraag-gesteld": 1,
        "aanvraag-ingediend": 1,
        "aanvullingsverzoek": 3,
        "statusbericht": 1,
        "verlengingsbericht": 3,
        "besluit": 2,
    }
)
"""What customers complain about, by weight; of what they have met so far."""

FEELINGS: Mapping[str, float] = MappingProxyType(
    {
        "vergunningcheck": 0.3,
        "vraag-gesteld": 0.7,
        "vooroverleg": 1.0,
        "aanvraag-ingediend": -0.4,
        "ontvangstbevestiging": 0.8,
        "aanvullingsverzoek": -0.9,
        "aanvulling-ontvangen": 0.1,
        "statusbericht": 0.9,
        "verlengingsbericht": -1.2,
        "besluit": 1.1,
        "toelichting": 0.7,
        "legesfactuur": -0.6,
        "toezichtbezoek": -0.2,
        "klacht-afgehandeld": 0.0,
        "bezwaarhoorzitting": -0.7,
    }
)
"""What customers feel on average at each touchpoint that asks, -2 to 2. It goes its own way: a request to complete may
be clear and friendly, and still nobody likes to get it."""

REFUSED_FEELING = -1.5
BAD_WEEKS_FEELING = -1.4
"""What they feel at a refusal, and at `aanvullingsverzoek` while the handlers are missed."""

WEIGHTS: Mapping[str, float] = MappingProxyType({"vooroverleg": 7.1, "besluit": 9.3})
"""How important customers say that a touchpoint is, where they are asked; the organisation states 8 and 10."""


@dataclass(frozen=True)
class Further:
    """What else customers say, whoever they are: means, and chances of yes.

    Of two figures the second is that of the bad weeks; of `overall` that of a refusal, too; of `outcome_reached` that
    of a refusal only; of `missed_message` that from before there were status messages. `goes_on` is the chance that a
    customer who has answered a question answers the next one.
    """

    goes_on: float = 0.6
    overall: tuple[float, float] = (7.4, 6.3)
    overall_spread: float = 1.5
    completion_effort: tuple[float, float] = (4.9, 3.6)
    weight_spread: float = 1.2
    feeling_spread: float = 0.9
    expectation_met: tuple[float, float] = (0.78, 0.45)
    outcome_reached: tuple[float, float] = (0.82, 0.20)
    missed_message: tuple[float, float] = (0.12, 0.34)


FURTHER = Further()

CHANCES = Chances()
PLOT = Plot()
SURVEY = Survey()


class Milestones:
    """The moments at which the plot turns, for one anchor; all in Amsterdam time."""

    def __init__(self, anchor: datetime) -> None:
        """Place the plot; the anchor is an aware datetime, its fraction of a second is dropped."""
        self.anchor = anchor.astimezone(ZONE).replace(microsecond=0)
        self.first_day = months_back(self.anchor, HISTORY_MONTHS).date()
        self.handlers_lost = self.weeks_ago(PLOT.handlers_lost)
        self.alert = self.weeks_ago(PLOT.alert)
        self.status_introduced = self.weeks_ago(PLOT.status_introduced)
        self.inspection_changed = self.weeks_ago(PLOT.inspection_changed)
        self.score_recovered = self.weeks_ago(PLOT.score_recovered)
        self.durations_recovered = self.weeks_ago(PLOT.durations_recovered)
        self.questions_fall = before(self.anchor, PLOT.question_hours)
        self.questions_recover = self.anchor + PLOT.question_recovers_after

    def are_bad(self, at: datetime) -> bool:
        """Say whether a moment lies in the weeks in which customers noticed that the handlers were missed."""
        return self.handlers_lost <= at < self.score_recovered

    def weeks_ago(self, weeks: float) -> datetime:
        """Return the moment that many weeks before the anchor."""
        return self.anchor - timedelta(weeks=weeks)


def months_back(moment: datetime, months: int) -> datetime:
    """Return the moment `months` calendar months earlier, on the 28th at most."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, 28))


def mean_score(touchpoint: str, persona: str, at: datetime, *, refused: bool, milestones: Milestones) -> float | None:
    """Return the mean that customers of a persona give a touchpoint met at a moment; None if it is not asked.

    `refused` says that the touchpoint is a decision that refuses. The Monday dip is not in it.
    """
    if touchpoint == "besluit" and refused:
        return SURVEY.refused_mean
    if touchpoint == "aanvullingsverzoek" and milestones.are_bad(at):
        return COMPLETION_MEANS[persona]
    if touchpoint == "vraag-gesteld" and milestones.questions_fall <= at < milestones.questions_recover:
        return PLOT.question_mean
    return CONTACTS[touchpoint].mean


def complaint_chance(at: datetime, milestones: Milestones) -> float:
    """Return the chance that a customer who has reason to complain at a moment does."""
    return CHANCES.complaint * (PLOT.complaint_factor if milestones.are_bad(at) else 1)
