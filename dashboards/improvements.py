"""Improvements as annotations: what was made and what is planned, on the time axis of a dashboard."""

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery

from dashboards.colours import GOOD
from dashboards.query import DATABASE, Sql

OF_TOUCHPOINTS = "i.touchpoint IN (${touchpoint:sqlstring})"
"""Those of the chosen touchpoints."""

OF_DEPARTMENTS = f"""{OF_TOUCHPOINTS}
          AND (i.department IN (${{department:sqlstring}}) OR i.department IS NULL
               OR i.department NOT IN (SELECT department FROM reporting.dim_department))"""  # noqa: S608 - put together of constants, as all here
"""Those of the chosen touchpoints that are drawn with the chosen departments, or with one of which no event is."""

OF_KPI = """EXISTS (
        SELECT FROM reporting.dim_kpi k
        WHERE k.journey = i.journey AND k.kpi = ${kpi:sqlstring}
          AND coalesce(k.touchpoint, i.touchpoint) = i.touchpoint
          AND coalesce(k.span, i.span, '') = coalesce(i.span, '')
    )"""
"""Those of the touchpoint of the chosen KPI; of a span's those that are expected to change it; of others all."""


def improved(which: str) -> AnnotationQuery:
    """Return the annotations: what was made, until customers are expected to meet it, and what is planned.

    `which` says which of them: one of the conditions above.
    """
    asked = f"""
        SELECT i.at AS time,
               CASE WHEN i.settles_weeks > 0 THEN i.at + i.settles_weeks * interval '1 week' END AS timeend,
               CASE i.state WHEN 'done' THEN '[Gedaan|Done]' ELSE '[Gepland|Planned]' END || ': ' || i.what_[nl|en]
                   || ' (' || coalesce(t.name_[nl|en], i.touchpoint) || ')' AS text,
               i.state AS tags
        FROM reporting.fact_improvement i LEFT JOIN reporting.dim_touchpoint t USING (journey, touchpoint)
        WHERE i.journey = ${{journey:sqlstring}} AND $__timeFilter(i.at) AND {which}
        ORDER BY 1
    """  # noqa: S608
    annotation = AnnotationQuery().name("[Verbetering|Improvement]").datasource(DATABASE).enable(True)
    return annotation.hide(False).icon_color(GOOD).target(Sql(asked))
