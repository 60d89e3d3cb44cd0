"""What panels, annotations and variables ask: SQL of the schema `reporting`, and PromQL. Uids are those of deploy/."""

from textwrap import dedent
from typing import Any, Literal

from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

DATABASE = DataSourceRef("grafana-postgresql-datasource", "klantreis")
PROMETHEUS = DataSourceRef("prometheus", "prometheus")


class Sql(Dataquery, Builder[Dataquery]):
    """A query of PostgreSQL, for which the SDK has none. Built already: `build` returns itself."""

    def __init__(self, text: str, shape: Literal["table", "time_series"] = "table", ref_id: str = "A") -> None:
        self._text = dedent(text).strip()
        self._shape = shape
        self.ref_id = ref_id

    def build(self) -> Dataquery:
        """Return itself."""
        return self

    def to_json(self) -> dict[str, Any]:
        """Return what Grafana's editor would write."""
        return {
            "datasource": DATABASE,
            "editorMode": "code",
            "format": self._shape,
            "rawQuery": True,
            "rawSql": self._text,
            "refId": self.ref_id,
        }


def now(expression: str, legend: str = "", ref_id: str = "A") -> prometheus.Dataquery:
    """Ask Prometheus what an expression comes to at the end of the time that is shown."""
    return _asked(expression, legend, ref_id).instant()


def in_rows(expression: str, ref_id: str = "A") -> prometheus.Dataquery:
    """Ask Prometheus what an expression comes to now, as a table: a row for each series, a column for each label."""
    return now(expression, "", ref_id).format(PromQueryFormat.TABLE)


def over_time(expression: str, legend: str = "", ref_id: str = "A") -> prometheus.Dataquery:
    """Ask Prometheus what an expression came to over the time that is shown."""
    return _asked(expression, legend, ref_id).range()


def _asked(expression: str, legend: str, ref_id: str) -> prometheus.Dataquery:
    asked = prometheus.Dataquery().datasource(PROMETHEUS).expr(dedent(expression).strip()).ref_id(ref_id)
    return asked.legend_format(legend).format(PromQueryFormat.TIME_SERIES)
