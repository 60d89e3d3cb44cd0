"""A control chart by week, as on the monitor's review page (docs/charts.md): limits of 24 weeks, and what signals."""

from dashboards.months import ENOUGH, MEAN, TODAY, at_midnight

BASELINE = 24
RUN = 8
_D2 = 1.128  # the mean range of two values, in sigmas


def control_chart(chosen: str, names: dict[str, str]) -> str:
    """Return SQL for the weekly means of scores on a scale of 1 to 10, their limits, and the weeks that signal.

    `chosen` says which rows of reporting.fact_score, `names` what its columns are called: value, middle, low, high and
    signal.
    The baseline is the first 24 weeks with a figure of the 26 months, whatever time is shown.
    """
    return f"""
    WITH weeks AS (
        SELECT date_trunc('week', date)::date AS week, {MEAN} AS mean, sum(n) AS n
        FROM reporting.fact_score
        WHERE {chosen} AND measure = 'satisfaction'
          AND date >= date_trunc('week', {TODAY} - interval '26 months') AND date < date_trunc('week', {TODAY})
        GROUP BY 1 HAVING sum(n) >= {ENOUGH}
    ), numbered AS (
        SELECT week, mean, n, row_number() OVER by_week AS number, abs(mean - lag(mean) OVER by_week) AS step
        FROM weeks WINDOW by_week AS (ORDER BY week)
    ), limits AS (
        SELECT avg(mean) AS middle, 3 * avg(step) / {_D2} AS reach
        FROM numbered WHERE number <= {BASELINE} HAVING count(*) = {BASELINE}
    ), sided AS (
        SELECT *, number - row_number() OVER (PARTITION BY sign(mean - middle) ORDER BY week) AS run
        FROM numbered LEFT JOIN limits ON true
    )
    SELECT {at_midnight("week")} AS time, mean AS "{names["value"]}",
           CASE WHEN abs(mean - middle) > reach
                  OR mean <> middle AND count(*) OVER (PARTITION BY sign(mean - middle), run) >= {RUN}
                THEN mean END AS "{names["signal"]}",
           middle AS "{names["middle"]}",
           CASE WHEN middle IS NOT NULL THEN greatest(middle - reach, 1) END AS "{names["low"]}",
           CASE WHEN middle IS NOT NULL THEN least(middle + reach, 10) END AS "{names["high"]}", n AS "n"
    FROM sided WHERE $__timeFilter(week)
    ORDER BY 1
"""  # noqa: S608 - put together of constants
