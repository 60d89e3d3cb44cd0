"""A panel with what every panel has: a title, what it says and how, a unit, what its colours mean, and a way onward."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grafana_foundation_sdk.builders import barchart, common, stat, statetimeline, table, text, timeseries
from grafana_foundation_sdk.builders.dashboard import DashboardLink, ThresholdsConfig
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.common import (
    BarAlignment,
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    GraphDrawStyle,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import DashboardLinkType, DynamicConfigValue, Threshold, ThresholdsMode
from grafana_foundation_sdk.models.text import TextMode

from dashboards.colours import CALM, PLAIN

Query = Builder[Dataquery]


@dataclass(frozen=True)
class Onward:
    """The next question, and where it is answered: a dashboard by its name here, with the same variables."""

    title: str
    board: str
    query: str = ""

    def link(self) -> DashboardLink:
        """Return the link, which keeps time and variables."""
        url = f"/d/klantreis-{self.board}[|-en]{self.query}"
        return DashboardLink(self.title).type(DashboardLinkType.LINK).url(url).include_vars(True).keep_time(True)


@dataclass(frozen=True)
class Colours:
    """From which value on a panel has which colour, and what that means to its reader."""

    steps: Sequence[tuple[float | None, str]]
    meaning: str


_NO_MEANING = "[De kleur heeft geen betekenis.|The colour means nothing.]"
ONE_COLOUR = Colours([(None, PLAIN)], _NO_MEANING)
CALM_COLOUR = Colours([(None, CALM)], _NO_MEANING)


@dataclass(frozen=True)
class Said:
    """What a panel says: its title, what that is and how it came about, its unit (Grafana's id), where it leads."""

    title: str
    description: str
    unit: str
    onward: Onward
    colours: Colours = ONE_COLOUR
    decimals: int | None = None


def big_number(said: Said, *queries: Query) -> Any:
    """Return a number to be read at a glance, coloured as a whole."""
    drawn = _common(stat.Panel(), said, queries)
    drawn.color_mode(BigValueColorMode.BACKGROUND_SOLID).text_mode(BigValueTextMode.AUTO)
    drawn.graph_mode(BigValueGraphMode.NONE).no_value("[GEEN GEGEVENS|NO DATA]")
    return drawn.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(False))


def each_row(drawn: Any, at_most: int) -> Any:
    """Make of a number one for each row of its table, below each other: its words at the left, itself at the right."""
    every = common.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(True).limit(at_most)
    return drawn.reduce_options(every).orientation(VizOrientation.HORIZONTAL).wide_layout(True)


def for_the_wall(drawn: Any, title: int, value: int) -> Any:
    """Give a number sizes in pixels, which do not shrink with what it has to say."""
    return drawn.text(common.VizTextDisplayOptions().title_size(title).value_size(value))


def lines(said: Said, *queries: Query) -> Any:
    """Return lines over time."""
    drawn = _common(timeseries.Panel(), said, queries)
    return drawn.draw_style(GraphDrawStyle.LINE).show_points(VisibilityMode.AUTO).span_nulls(True).line_width(2)


def month_bars(said: Said, *queries: Query) -> Any:
    """Return bars over time, the first of each month; `as_line` makes lines of some."""
    drawn = _common(timeseries.Panel(), said, queries)
    drawn.draw_style(GraphDrawStyle.BARS).bar_alignment(BarAlignment.AFTER).bar_width_factor(0.7).fill_opacity(70)
    return drawn.show_points(VisibilityMode.NEVER)


def as_line(drawn: Any, colour: str, *names: str, dashed: bool = False) -> Any:
    """Draw some series of bars over time as lines of one colour."""
    style = {"fill": "dash", "dash": [10, 6]} if dashed else {"fill": "solid"}
    for name in names:
        drawn.override_by_name(
            name,
            [
                DynamicConfigValue("custom.drawStyle", "line"),
                DynamicConfigValue("custom.lineStyle", style),
                DynamicConfigValue("custom.lineWidth", 2),
                DynamicConfigValue("custom.fillOpacity", 0),
                DynamicConfigValue("custom.spanNulls", True),
                fixed(colour),
            ],
        )
    return drawn


def as_dots(drawn: Any, colour: str, *names: str) -> Any:
    """Draw some series over time as large dots of one colour, without a line."""
    for name in names:
        style = [DynamicConfigValue("custom.drawStyle", "points"), DynamicConfigValue("custom.pointSize", 10)]
        drawn.override_by_name(name, [*style, fixed(colour)])
    return drawn


def as_count(drawn: Any, *names: str) -> Any:
    """Show some series, which are numbers of things, in the tooltip and the legend only."""
    for name in names:
        hidden = DynamicConfigValue("custom.hideFrom", {"viz": True, "legend": False, "tooltip": False})
        drawn.override_by_name(name, [DynamicConfigValue("unit", "none"), DynamicConfigValue("decimals", 0), hidden])
    return drawn


def fixed(colour: str) -> DynamicConfigValue:
    """Return what gives a field one colour, whatever its value."""
    return DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})


def bars(said: Said, along: str, *queries: Query) -> Any:
    """Return bars along a column of words, in the order of the rows."""
    drawn = _common(barchart.Panel(), said, queries)
    return drawn.x_field(along).show_value(VisibilityMode.AUTO).x_tick_label_rotation(-30).x_tick_label_max_length(22)


def states_over_time(said: Said, *queries: Query) -> Any:
    """Return bands of colour over time."""
    return _common(statetimeline.Panel(), said, queries).show_value(VisibilityMode.AUTO)


def rows(said: Said, *queries: Query) -> Any:
    """Return a table; `in_unit` and `leads_on` are for its columns."""
    return _common(table.Panel(), said, queries)


def in_unit(drawn: Any, unit: str, *columns: str, decimals: int | None = None) -> Any:
    """Give columns of a table a unit of their own."""
    for column in columns:
        values = [DynamicConfigValue("unit", unit)]
        if decimals is not None:
            values.append(DynamicConfigValue("decimals", decimals))
        drawn.override_by_name(column, values)
    return drawn


def coloured(drawn: Any, column: str, colours: Colours) -> Any:
    """Colour the words of a column by its value."""
    steps = [{"value": value, "color": colour} for value, colour in colours.steps]
    return drawn.override_by_name(
        column,
        [
            DynamicConfigValue("thresholds", {"mode": "absolute", "steps": steps}),
            DynamicConfigValue("color", {"mode": "thresholds"}),
            DynamicConfigValue("custom.cellOptions", {"type": "color-text"}),
        ],
    )


def in_states(drawn: Any, column: str, mapping: models.ValueMap) -> Any:
    """Show the numbers of a column as states: words on a colour."""
    return drawn.override_by_name(
        column,
        [
            DynamicConfigValue("mappings", [mapping]),
            DynamicConfigValue("custom.cellOptions", {"type": "color-background", "mode": "basic"}),
        ],
    )


def leads_on(drawn: Any, column: str, title: str, url: str) -> Any:
    """Make what stands in a column a link of its row; a column `id` is for the link, and is not shown."""
    drawn.override_by_name("id", [DynamicConfigValue("custom.hidden", True)])
    return drawn.override_by_name(column, [DynamicConfigValue("links", [{"title": title, "url": url}])])


def merged(drawn: Any, names: Mapping[str, str]) -> Any:
    """Make one table of several queries' by what they have in common, without times; `names` are its columns'."""
    drawn.with_transformation(models.DataTransformerConfig("merge", options={}))
    organized = {"excludeByName": {"Time": True}, "renameByName": dict(names)}
    return drawn.with_transformation(models.DataTransformerConfig("organize", options=organized))


def words(title: str, description: str, onward: Onward, content: str) -> Any:
    """Return a panel of words, in Markdown."""
    drawn = text.Panel().title(title).description(description).links([onward.link()])
    return drawn.mode(TextMode.MARKDOWN).content(content)


def _common(drawn: Any, said: Said, queries: Sequence[Query]) -> Any:
    steps = ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE)
    steps.steps([Threshold(value, colour) for value, colour in said.colours.steps])
    drawn.title(said.title).description(f"{said.description} {said.colours.meaning}").unit(said.unit)
    drawn.thresholds(steps).links([said.onward.link()]).targets(list(queries))
    drawn.datasource(queries[0].build().to_json()["datasource"])  # type: ignore[attr-defined]
    return drawn if said.decimals is None else drawn.decimals(said.decimals)
