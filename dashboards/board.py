"""A dashboard of rows that fill 24 columns, with the variables and links that dashboards share."""

from collections.abc import Sequence
from typing import Any

from grafana_foundation_sdk.builders.dashboard import Dashboard, DashboardLink, QueryVariable
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    GridPos,
    VariableHide,
    VariableOption,
    VariableRefresh,
)

from dashboards.query import DATABASE

COLUMNS = 24
TAG = "klantreis"

Row = tuple[int, Sequence[tuple[int, Any]]]
"""How high a row is, and its panels, each with its width in columns."""


def board(name: str, title: str, description: str, *, since: str, refresh: str, until: str = "now") -> Dashboard:
    """Begin the dashboard klantreis-NAME; `since` and `until` are the time that is shown at first."""
    drawn = Dashboard(title).uid(f"klantreis-{name}[|-en]").description(description).tags([TAG, "[nl|en]"])
    drawn.time(since, until).refresh(refresh).timezone("browser").readonly().week_start("monday")
    return drawn.tooltip(DashboardCursorSync.CROSSHAIR)


def with_menu(drawn: Dashboard) -> Dashboard:
    """Link to all other dashboards of the language."""
    others = DashboardLink("Klantreis").type(DashboardLinkType.DASHBOARDS).tags([TAG, "[nl|en]"]).as_dropdown(True)
    return drawn.link(others.include_vars(True).keep_time(True))


def laid_out(drawn: Dashboard, *laid: Row) -> Dashboard:
    """Put rows below each other, each panel with an id. Raises ValueError for a row that does not fill its columns."""
    number, top = 0, 0
    for height, panels in laid:
        left = 0
        for width, panel in panels:
            number += 1
            # The SDK moves what stands at 0, 0 to where it thinks best, which for the first panel is 0, 0.
            drawn.with_panel(panel.id(number).grid_pos(GridPos(h=height, w=width, x=left, y=top)))
            left += width
        if left != COLUMNS:
            raise ValueError(f"the row at {top} has {left} columns instead of {COLUMNS}")
        top += height
    return drawn


def journey(*, hidden: bool = False) -> QueryVariable:
    """Return the choice of a journey; hidden, it is told by the address only."""
    query = "SELECT name_[nl|en] AS __text, journey AS __value FROM reporting.dim_journey ORDER BY 1"
    chosen = _chosen("journey", "[Klantreis|Journey]", query)
    return chosen.hide(VariableHide.HIDE_VARIABLE) if hidden else chosen


def department() -> QueryVariable:
    """Return the choice of departments; all of them takes in what names none."""
    return _several(
        "department",
        "[Afdeling|Department]",
        """SELECT DISTINCT department FROM reporting.fact_day
           WHERE journey = ${journey:sqlstring} AND department <> '' ORDER BY 1""",
        "SELECT department FROM reporting.dim_department",
    )


def channel() -> QueryVariable:
    """Return the choice of channels."""
    return _several("channel", "[Kanaal|Channel]", *_of_segments("channel"))


def persona() -> QueryVariable:
    """Return the choice of personas."""
    return _several("persona", "Persona", *_of_segments("persona"))


def kpi() -> QueryVariable:
    """Return the choice of one KPI."""
    return _chosen(
        "kpi",
        "KPI",
        """SELECT name_[nl|en] AS __text, kpi AS __value FROM reporting.dim_kpi
           WHERE journey = ${journey:sqlstring} ORDER BY 1""",
    )


def touchpoint() -> QueryVariable:
    """Return the choice of touchpoints, in the order of the journey."""
    return _several(
        "touchpoint",
        "[Contactmoment|Touchpoint]",
        """SELECT name_[nl|en] AS __text, touchpoint AS __value FROM reporting.dim_touchpoint
           WHERE journey = ${journey:sqlstring} ORDER BY phase_number, touchpoint_number""",
        "SELECT touchpoint FROM reporting.dim_touchpoint",
    )


def _of_segments(column: str) -> tuple[str, str]:
    return (
        f"SELECT DISTINCT {column} FROM reporting.fact_score_segment WHERE journey = ${{journey:sqlstring}} "  # noqa: S608
        f"AND {column} <> '' ORDER BY 1",
        f"SELECT {column} FROM reporting.fact_score_segment",  # noqa: S608
    )


def _chosen(name: str, label: str, query: str) -> QueryVariable:
    variable = QueryVariable(name).label(label).datasource(DATABASE).query(query).definition(query)
    return variable.refresh(VariableRefresh.ON_DASHBOARD_LOAD).multi(False).include_all(False)


def _several(name: str, label: str, query: str, all_of_them: str) -> QueryVariable:
    """Return a choice of several; what stands for all of them is put into the query as it is, a query of its own."""
    variable = _chosen(name, label, query).multi(True).include_all(True).all_value(all_of_them)
    return variable.current(VariableOption(text="All", value="$__all", selected=True))
