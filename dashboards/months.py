"""SQL that several dashboards share: what a score came to in a month, with its interval."""

MEAN = "sum(points) / sum(n)"
"""The mean score of rows of reporting.fact_score, in points of the measure's scale."""

HALF_WIDTH = "1.96 * sqrt(greatest(sum(squared_points) / sum(n) - (sum(points) / sum(n)) ^ 2, 0) / sum(n))"
"""Half the 95 % interval of MEAN, by the normal approximation: from 20 scores on."""

ENOUGH = 20
"""Under so many scores there is no figure."""

TODAY = "(now() AT TIME ZONE (SELECT time_zone FROM reporting.dim_journey WHERE journey = ${journey:sqlstring}))::date"
"""The date now, in the journey's time zone."""

RUNNING = f"date_trunc('month', {TODAY})::date"
"""The first of the running month."""


def at_midnight(day: str) -> str:
    """Return SQL for the moment at which a day begins in Greenwich, as the time of a bar."""
    return f"({day})::timestamp AT TIME ZONE 'UTC'"
