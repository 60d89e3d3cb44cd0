"""Where a KPI stands, in one sentence of Dutch or English: the same on a page, in an alert and in the log. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from schemas.journey import Journey
from schemas.journey_part import Label
from schemas.kpi import NPS, SHARES, VOLUME, Kpi
from streams.kpi import State

Language = Literal["nl", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "en")

STATES: Mapping[State, Label] = {
    State.ON_NORM: Label(nl="op norm", en="on norm"),
    State.WATCH: Label(nl="let op", en="watch"),
    State.BELOW_NORM: Label(nl="onder norm", en="below norm"),
    State.TOO_FEW: Label(nl="te weinig antwoorden", en="too few answers"),
    State.STOPPED: Label(nl="meting stil", en="measuring stopped"),
}
"""What each state is called."""

NOT_MET = Label(nl="boven norm", en="above norm")
"""What below norm is called where less is better."""

_ROUND = 10
_MISTAKEN = timedelta(days=300)
_FEW_VALUES = Label(nl="te weinig gegevens", en="too few values")

_MONTHS = {
    "nl": ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
_OVER: Mapping[str, tuple[Label, Label]] = {
    "throughput": (
        Label(nl="binnen de termijn van {n} zaak", en="in time of {n} case"),
        Label(nl="binnen de termijn van {n} zaken", en="in time of {n} cases"),
    ),
    "gap": (
        Label(nl="binnen de grens van {n} tussentijd", en="within the limit of {n} gap"),
        Label(nl="binnen de grens van {n} tussentijden", en="within the limit of {n} gaps"),
    ),
    "complaints": (
        Label(nl="klachten bij {n} contact", en="complaints at {n} visit"),
        Label(nl="klachten bij {n} contacten", en="complaints at {n} visits"),
    ),
    "volume": (
        Label(nl="per dag over {n} dag", en="a day over {n} day"),
        Label(nl="per dag over {n} dagen", en="a day over {n} days"),
    ),
    "": (Label(nl="over {n} antwoord", en="over {n} answer"), Label(nl="over {n} antwoorden", en="over {n} answers")),
}
_YES: Mapping[str, Label] = {
    "expectation_met": Label(nl="ging zoals verwacht", en="went as expected"),
    "outcome_reached": Label(nl="bereikte wat gewenst was", en="achieved what was wanted"),
    "missed_message": Label(nl="miste een bericht", en="missed a message"),
}


class Shown(NamedTuple):
    """The figure beside a state: from when until when, of how many values, and what it is; None: too few to show."""

    since: datetime
    until: datetime
    n: int
    value: Decimal | None


def state_name(kpi: Kpi, state: State) -> Label:
    """Return what a state of a KPI is called."""
    if state is State.BELOW_NORM and not kpi.at_least:
        return NOT_MET
    if state is State.TOO_FEW and kpi.measure in ("throughput", "gap", "complaints", VOLUME):
        return _FEW_VALUES
    return STATES[state]


def sentence(kpi: Kpi, state: State, shown: Shown | None, zone: ZoneInfo, language: Language) -> str:
    """Return such as 'Antwoord op vragen: onder norm, gemiddeld 6,6 over 48 antwoorden sinds 3 mrt, norm 7,5'."""
    said = f"{getattr(kpi.name, language)}: {getattr(state_name(kpi, state), language)}"
    return f"{said}, {evidence(kpi, shown, zone, language)}"


def evidence(kpi: Kpi, shown: Shown | None, zone: ZoneInfo, language: Language) -> str:
    """Return such as 'gemiddeld 6,6 over 48 antwoorden sinds 3 mrt, norm 7,5'."""
    norm = f"{'norm' if kpi.at_least else _at_most(language)} {written(kpi, kpi.norm, language)}"
    if shown is None or shown.value is None:
        return norm
    one, many = _OVER.get(kpi.measure, _OVER[""])
    over = getattr(one if shown.n == 1 else many, language).format(n=_grouped(shown.n, language))
    since = f"{'sinds' if language == 'nl' else 'since'} {_day(shown, zone, language)}"
    figure = " ".join(filter(None, (_what(kpi, language), written(kpi, shown.value, language), over, since)))
    return f"{figure}, {norm}"


def written(kpi: Kpi, value: Decimal, language: Language) -> str:
    """Return a value or norm of a KPI as it is read: a mean with a decimal, a share in percent, NPS with its sign."""
    if kpi.measure in SHARES:
        percent = _decimal(value * 100, 0 if value * 100 == round(value * 100) else 1, language)
        return f"{percent}\u202f%" if language == "nl" else f"{percent}%"
    if kpi.measure == NPS:
        return f"{round(value):+d}"
    return _decimal(value, 0 if kpi.measure == VOLUME and value >= _ROUND else 1, language)


def touchpoint_of(kpi: Kpi, drawn: Journey) -> str | None:
    """Return the touchpoint that a KPI is about; of a span the one that ends it. None: of no single one."""
    ends = {span.id: span.end for span in drawn.spans}
    return kpi.touchpoint if kpi.span is None else ends[kpi.span]


def _what(kpi: Kpi, language: Language) -> str:
    if kpi.measure in _YES:
        return str(getattr(_YES[kpi.measure], language))
    if kpi.measure in SHARES:
        return ""
    if kpi.measure == NPS:
        return "NPS"
    return "gemiddeld" if language == "nl" else "mean"


def _at_most(language: Language) -> str:
    return "norm hoogstens" if language == "nl" else "norm at most"


def _day(shown: Shown, zone: ZoneInfo, language: Language) -> str:
    """Return the day since when a figure is, with its year if that might be mistaken."""
    local = shown.since.astimezone(zone)
    year = f" {local.year}" if shown.until - shown.since > _MISTAKEN else ""
    return f"{local.day} {_MONTHS[language][local.month - 1]}{year}"


def _grouped(number: int, language: Language) -> str:
    return f"{number:,}".replace(",", "." if language == "nl" else ",")


def _decimal(value: Decimal, decimals: int, language: Language) -> str:
    text = f"{value:.{decimals}f}"
    return text.replace(".", ",") if language == "nl" else text
