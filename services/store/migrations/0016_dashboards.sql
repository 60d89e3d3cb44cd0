-- What dashboards read beyond the star: where KPIs stand, scores by channel and persona, and single events.

CREATE VIEW reporting.fact_kpi_standing AS
SELECT s.journey, s.kpi, s.state, s.judged_at, s.shown_since, s.shown_n, s.shown_value,
       CASE WHEN k.measure IN ('throughput', 'gap') AND k.norm < 1
            THEN 1 - (1 - s.shown_value) / (1 - k.norm) END AS budget_left
FROM public.kpi_states s JOIN reporting.dim_kpi k USING (journey, kpi)
WHERE s.state IS NOT NULL;
COMMENT ON VIEW reporting.fact_kpi_standing IS 'Where each KPI stands now, and the figure that is shown beside it.';
COMMENT ON COLUMN reporting.fact_kpi_standing.state IS 'As in fact_kpi_state.';
COMMENT ON COLUMN reporting.fact_kpi_standing.shown_since IS 'From when on the figure is: since its evidence began, or its last change, or 13 weeks.';
COMMENT ON COLUMN reporting.fact_kpi_standing.shown_n IS 'How many values the figure rests on; of scores those that are shown, in lots.';
COMMENT ON COLUMN reporting.fact_kpi_standing.shown_value IS 'In the unit of the norm; null: too few.';
COMMENT ON COLUMN reporting.fact_kpi_standing.budget_left IS 'Of a term: which part is left of the misses that the norm allows; below 0 when there were more. Null for others.';

CREATE VIEW reporting.fact_score_segment AS
SELECT journey, month_begins, measure, touchpoint, department, channel, persona, n, points, squared_points
FROM (
    SELECT journey, date_trunc('month', bucket AT TIME ZONE time_zone)::date AS month_begins,
           substr(measure, 10) AS measure, touchpoint, department, channel, persona,
           sum(n)::bigint AS n, sum(total::numeric) / 1000 AS points, sum(squares) / 1000000 AS squared_points
    FROM public.windows_day JOIN public.scopes USING (scope_id) JOIN reporting.dim_journey USING (journey)
    WHERE measure LIKE 'released %'
    GROUP BY 1, 2, 3, 4, 5, 6, 7
) AS summed
WHERE n >= 20;
COMMENT ON VIEW reporting.fact_score_segment IS 'What customers said and is shown, in lots, by month, channel and persona: groups of 20 scores and more, and no others, so its rows do not add up to those of fact_score.';
COMMENT ON COLUMN reporting.fact_score_segment.persona IS 'What the event named; empty: none.';

CREATE VIEW reporting.fact_event AS
SELECT e.case_key AS case_number, c.journey, e.occurred_at, e.touchpoint, coalesce(e.department, '') AS department,
       EXISTS (
           SELECT FROM public.touchpoint_events v
           WHERE v.case_key = e.case_key AND v.source = e.source AND v.voids = e.event_id
       ) AS taken_back
FROM public.touchpoint_events e JOIN public.cases c USING (case_key)
WHERE e.voids IS NULL;
COMMENT ON VIEW reporting.fact_event IS 'A row for each event that is kept: what figures are made of. Neither its id nor who was in it is told.';
COMMENT ON COLUMN reporting.fact_event.case_number IS 'As in fact_case.';
COMMENT ON COLUMN reporting.fact_event.taken_back IS 'Whether a later event says that it did not happen; such a one counts in no figure.';
