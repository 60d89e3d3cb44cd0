"""A KPI as it is drawn and where it stands, for pages, metrics and the API. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from schemas.journey import Journey
from schemas.kpi import Kpi
from services.monitor.pages.words import Language
from services.store.reading import KpiRow
from streams.kpi import State
from streams.kpi_sentence import Shown, evidence, sentence, state_name, touchpoint_of, written

_RANK = {State.BELOW_NORM: 0, State.STOPPED: 1, State.WATCH: 2, State.ON_NORM: 3, State.TOO_FEW: 4}


@dataclass(frozen=True)
class KpiStanding:
    """A KPI of a journey, and where it stands. `touchpoint` is the one it is about, None if of no single one."""

    kpi: Kpi
    row: KpiRow
    touchpoint: str | None
    department: str | None
    owner: str | None
    moment_of_truth: bool
    zone: ZoneInfo

    @property
    def state(self) -> State:
        """What is said of it."""
        return State(self.row.state)

    @property
    def alerts(self) -> bool:
        """Whether an alert of it stands and is heard."""
        return self.row.told_at is not None

    @property
    def waits(self) -> bool:
        """Whether an alarm stands that waits for its service hours."""
        return self.row.below and self.row.told_at is None

    @property
    def shown(self) -> Shown | None:
        """The figure beside the state."""
        if self.row.shown_since is None or self.row.shown_n is None:
            return None
        return Shown(self.row.shown_since, self.row.judged_at, self.row.shown_n, self.row.shown_value)

    def value_in(self, language: Language) -> str:
        """Return the figure beside the state; a dash if there are too few values to show one."""
        shown = self.shown
        return "–" if shown is None or shown.value is None else written(self.kpi, shown.value, language.value)

    def norm_in(self, language: Language) -> str:
        """Return the norm in words."""
        return evidence(self.kpi, None, self.zone, language.value)

    def state_in(self, language: Language) -> str:
        """Return what its state is called."""
        return str(getattr(state_name(self.kpi, self.state), language))

    def sentence_in(self, language: Language) -> str:
        """Return where it stands, in one sentence."""
        return sentence(self.kpi, self.state, self.shown, self.zone, language.value)

    def evidence_in(self, language: Language) -> str:
        """Return what it rests on, beside its norm."""
        return evidence(self.kpi, self.shown, self.zone, language.value)

    @property
    def badness(self) -> tuple[int, str]:
        """What KPIs are ordered by: the worst first."""
        return _RANK[self.state], self.kpi.id


def standings(drawn: Journey, rows: Sequence[KpiRow]) -> Sequence[KpiStanding]:
    """Return the KPIs that a journey draws and that have been judged, the worst first."""
    by_id = {row.kpi: row for row in rows}
    touchpoints = {each.id: each for each in drawn.touchpoints}
    found = []
    for kpi in drawn.kpis:
        if kpi.id in by_id:
            touchpoint = touchpoint_of(kpi, drawn)
            about = touchpoints.get(touchpoint or "")
            department = kpi.department or (about.department if about is not None else None)
            owner = kpi.owner or (about.owner if about is not None else None)
            matters = about is not None and about.moment_of_truth
            found.append(KpiStanding(kpi, by_id[kpi.id], touchpoint, department, owner, matters, drawn.zone))
    return sorted(found, key=lambda standing: standing.badness)
