-- The schema `reporting`: a star of views for Power BI, Grafana and the like (docs/reporting.md). Whoever may read it sees
-- no customer, no text, no employee and no persona; of what customers said only what is shown everywhere, in lots.

CREATE SCHEMA reporting;
COMMENT ON SCHEMA reporting IS 'What may be read by anybody who reports on journeys: dimensions and facts, as views.';

CREATE VIEW reporting.dim_journey AS
SELECT DISTINCT ON (journey)
       journey,
       version,
       valid_from,
       definition #>> '{name,nl}' AS name_nl,
       definition #>> '{name,en}' AS name_en,
       definition #>> '{goal,nl}' AS goal_nl,
       definition #>> '{goal,en}' AS goal_en,
       definition ->> 'time_zone' AS time_zone,
       (definition ->> 'case_limit')::interval AS case_limit
FROM public.journey_versions
ORDER BY journey, version DESC;
COMMENT ON VIEW reporting.dim_journey IS 'A row for each journey, as its newest version draws it.';
COMMENT ON COLUMN reporting.dim_journey.valid_from IS 'Since when this version holds.';
COMMENT ON COLUMN reporting.dim_journey.time_zone IS 'Whose midnight days begin at.';
COMMENT ON COLUMN reporting.dim_journey.case_limit IS 'How long a case may take.';

CREATE VIEW reporting.dim_touchpoint AS
SELECT DISTINCT ON (journey, touchpoint ->> 'id')
       journey,
       touchpoint ->> 'id' AS touchpoint,
       touchpoint #>> '{name,nl}' AS name_nl,
       touchpoint #>> '{name,en}' AS name_en,
       phase ->> 'id' AS phase,
       phase #>> '{name,nl}' AS phase_name_nl,
       phase #>> '{name,en}' AS phase_name_en,
       phase_number,
       touchpoint_number,
       (touchpoint ->> 'moment_of_truth')::boolean AS moment_of_truth,
       (touchpoint ->> 'complaint')::boolean AS complaint,
       touchpoint ->> 'initiator' AS initiator,
       touchpoint ->> 'department' AS department,
       touchpoint ->> 'owner' AS owner,
       (touchpoint ->> 'importance')::integer AS importance,
       (touchpoint ->> 'ideal')::numeric AS ideal,
       (touchpoint ->> 'gap_limit')::interval AS gap_limit,
       version
FROM public.journey_versions,
     jsonb_array_elements(definition -> 'phases') WITH ORDINALITY AS drawn (phase, phase_number),
     jsonb_array_elements(phase -> 'touchpoints') WITH ORDINALITY AS within (touchpoint, touchpoint_number)
ORDER BY journey, touchpoint ->> 'id', version DESC;
COMMENT ON VIEW reporting.dim_touchpoint IS 'A row for each touchpoint that a journey has or had, as the newest version that has it draws it.';
COMMENT ON COLUMN reporting.dim_touchpoint.phase_number IS 'The place of its phase in the journey, from 1.';
COMMENT ON COLUMN reporting.dim_touchpoint.touchpoint_number IS 'Its place in the phase, from 1.';
COMMENT ON COLUMN reporting.dim_touchpoint.initiator IS 'Who makes the contact: customer or organisation.';
COMMENT ON COLUMN reporting.dim_touchpoint.department IS 'The department that the journey file names; facts carry the one that each event named.';
COMMENT ON COLUMN reporting.dim_touchpoint.importance IS 'As the journey file states it, 1 to 10.';
COMMENT ON COLUMN reporting.dim_touchpoint.ideal IS 'The score that the organisation aims at, 1 to 10.';
COMMENT ON COLUMN reporting.dim_touchpoint.gap_limit IS 'The longest that the gap before it may last.';
COMMENT ON COLUMN reporting.dim_touchpoint.version IS 'The newest version of the journey that has it.';

CREATE VIEW reporting.dim_span AS
SELECT * FROM (
    SELECT DISTINCT ON (journey, span ->> 'id')
           journey,
           span ->> 'id' AS span,
           span #>> '{name,nl}' AS name_nl,
           span #>> '{name,en}' AS name_en,
           span ->> 'start' AS starts_at,
           span ->> 'end' AS ends_at,
           (span ->> 'limit')::interval AS "limit",
           span ->> 'clock' AS clock,
           version
    FROM public.journey_versions, jsonb_array_elements(definition -> 'spans') AS drawn (span)
    ORDER BY journey, span ->> 'id', version DESC
) AS newest
UNION ALL
SELECT journey, 'case', 'Hele zaak', 'Whole case', NULL, NULL, case_limit, 'calendar', version FROM reporting.dim_journey;
COMMENT ON VIEW reporting.dim_span IS 'A row for each span whose throughput time is measured, and one, case, for the whole case.';
COMMENT ON COLUMN reporting.dim_span.starts_at IS 'The touchpoint at which it begins; null: the first one of a case.';
COMMENT ON COLUMN reporting.dim_span.ends_at IS 'The touchpoint at which it ends; null: the one that closes a case.';
COMMENT ON COLUMN reporting.dim_span."limit" IS 'How long it may take, by its clock.';
COMMENT ON COLUMN reporting.dim_span.clock IS 'Which time counts: calendar, legal or working.';

CREATE VIEW reporting.dim_department AS
SELECT department, nullif(department, '') IS NOT NULL AS given FROM public.scopes GROUP BY department;
COMMENT ON VIEW reporting.dim_department IS 'A row for each department that an event has named; the empty one is of events that named none.';

CREATE VIEW reporting.dim_kpi AS
SELECT journey,
       kpi ->> 'id' AS kpi,
       kpi #>> '{name,nl}' AS name_nl,
       kpi #>> '{name,en}' AS name_en,
       kpi ->> 'measure' AS measure,
       (kpi ->> 'norm')::numeric AS norm,
       kpi ->> 'touchpoint' AS touchpoint,
       kpi ->> 'phase' AS phase,
       kpi ->> 'span' AS span,
       kpi ->> 'department' AS department,
       kpi ->> 'severity' AS severity,
       kpi ->> 'owner' AS owner
FROM (SELECT DISTINCT ON (journey) journey, definition FROM public.journey_versions ORDER BY journey, version DESC) AS newest,
     jsonb_array_elements(definition -> 'kpis') AS drawn (kpi)
WHERE kpi ->> 'persona' IS NULL;
COMMENT ON VIEW reporting.dim_kpi IS 'A row for each KPI of a journey''s newest version, but for those of one persona.';
COMMENT ON COLUMN reporting.dim_kpi.norm IS 'A mean in points of the measure''s scale; a share; of NPS from -100 to 100; of volume visits a working day.';

CREATE VIEW reporting.dim_date AS
SELECT day::date AS date,
       extract(year FROM day)::integer AS year,
       extract(quarter FROM day)::integer AS quarter,
       extract(month FROM day)::integer AS month,
       extract(day FROM day)::integer AS day_of_month,
       extract(isoyear FROM day)::integer AS iso_year,
       extract(week FROM day)::integer AS iso_week,
       extract(isodow FROM day)::integer AS iso_weekday,
       date_trunc('month', day)::date AS month_begins
FROM generate_series(
    (SELECT date_trunc('year', min(bucket) AT TIME ZONE 'UTC' - interval '1 day') FROM public.rollups_day),
    (SELECT date_trunc('year', max(bucket) AT TIME ZONE 'UTC' + interval '1 year 1 day') FROM public.rollups_day)
        - interval '1 day',
    interval '1 day'
) AS day;
COMMENT ON VIEW reporting.dim_date IS 'A row for each day of all years in which anything was measured, and the next.';
COMMENT ON COLUMN reporting.dim_date.iso_weekday IS '1 is Monday, 7 Sunday.';

CREATE VIEW reporting.fact_hour AS
SELECT journey, bucket AS hour, measure, span, touchpoint, department, n, total,
       CASE WHEN measure IN ('gap', 'throughput') THEN total / 1000.0 / n END AS mean_seconds
FROM (
    SELECT journey, bucket, measure, span, touchpoint, department, sum(n)::bigint AS n, sum(total)::bigint AS total
    FROM public.rollups_hour JOIN public.scopes USING (scope_id)
    WHERE measure IN ('volume', 'gap', 'throughput', 'within', 'complaints')
    GROUP BY journey, bucket, measure, span, touchpoint, department HAVING sum(n) <> 0
) AS summed;
COMMENT ON VIEW reporting.fact_hour IS 'What happened, by hour: how often, and in all. Rows add up.';
COMMENT ON COLUMN reporting.fact_hour.hour IS 'When the hour begins.';
COMMENT ON COLUMN reporting.fact_hour.measure IS 'volume (visits), gap and throughput (milliseconds), within (1 for each limit that was kept when it fell, 0 for each that was not), complaints.';
COMMENT ON COLUMN reporting.fact_hour.span IS 'Of throughput and within the span; of volume how the visit stood to its limits (late, in_time, or nothing held for it).';
COMMENT ON COLUMN reporting.fact_hour.n IS 'How many.';
COMMENT ON COLUMN reporting.fact_hour.total IS 'The sum of their values, in the unit of the measure.';

CREATE VIEW reporting.fact_day AS
SELECT journey, date, measure, span, touchpoint, department, n, total,
       CASE WHEN measure IN ('gap', 'throughput') THEN total / 1000.0 / n END AS mean_seconds
FROM (
    SELECT journey, (bucket AT TIME ZONE time_zone)::date AS date, measure, span, touchpoint, department,
           sum(n)::bigint AS n, sum(total)::bigint AS total
    FROM public.rollups_day JOIN public.scopes USING (scope_id) JOIN reporting.dim_journey USING (journey)
    WHERE measure IN ('volume', 'gap', 'throughput', 'within', 'complaints')
    GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n) <> 0
) AS summed;
COMMENT ON VIEW reporting.fact_day IS 'What happened, by day of the journey''s time zone: how often, and in all. Rows add up.';
COMMENT ON COLUMN reporting.fact_day.measure IS 'As in fact_hour.';
COMMENT ON COLUMN reporting.fact_day.span IS 'As in fact_hour.';
COMMENT ON COLUMN reporting.fact_day.total IS 'The sum of their values, in the unit of the measure.';

-- Bins are those of streams/windows.py: gamma is 1.01 / 0.99.
CREATE VIEW reporting.fact_throughput AS
SELECT journey, date, span, touchpoint, department,
       CASE WHEN bin <= 0 THEN 0
            ELSE round((2 * (1.01 / 0.99) ^ (bin - 1) / (1.01 / 0.99 + 1))::numeric) / 1000 END AS seconds,
       sum(count)::bigint AS n
FROM (
    SELECT journey, (bucket AT TIME ZONE time_zone)::date AS date, span, touchpoint, department,
           unnest(bins) AS bin, unnest(counts) AS count
    FROM public.rollups_day JOIN public.scopes USING (scope_id) JOIN reporting.dim_journey USING (journey)
    WHERE measure = 'throughput'
) AS entries
GROUP BY journey, date, span, touchpoint, department, bin HAVING sum(count) <> 0;
COMMENT ON VIEW reporting.fact_throughput IS 'Throughput times that ended on a day, as a histogram: so medians and percentiles of any period can be found. Without pauses, by the clock of the span.';
COMMENT ON COLUMN reporting.fact_throughput.touchpoint IS 'The touchpoint that ended the span.';
COMMENT ON COLUMN reporting.fact_throughput.seconds IS 'What stands for the times in a bin, within 1 % of each.';
COMMENT ON COLUMN reporting.fact_throughput.n IS 'How many of them.';

-- Scores of a day and a touchpoint are those of whole lots (streams/releasing.py). Exact ones stand under the measures'
-- own names, and are for nobody's eyes.
CREATE VIEW reporting.fact_score AS
SELECT journey, date, measure, timeliness, touchpoint, department,
       sum(n)::bigint AS n,
       sum(total) / 1000 AS points,
       sum(squares) / 1000000 AS squared_points,
       CASE WHEN measure = 'nps' THEN sum(promoters)::bigint END AS promoters,
       CASE WHEN measure = 'nps' THEN sum(detractors)::bigint END AS detractors
FROM (
    SELECT journey, (bucket AT TIME ZONE time_zone)::date AS date, substr(measure, 10) AS measure, span AS timeliness,
           touchpoint, department, n, total::numeric AS total, squares,
           (SELECT sum(count) FROM unnest(bins, counts) AS entry (bin, count) WHERE bin >= 9000) AS promoters,
           (SELECT sum(count) FROM unnest(bins, counts) AS entry (bin, count) WHERE bin <= 6000) AS detractors
    FROM public.rollups_day JOIN public.scopes USING (scope_id) JOIN reporting.dim_journey USING (journey)
    WHERE measure LIKE 'released %'
) AS shown
GROUP BY journey, date, measure, timeliness, touchpoint, department HAVING sum(n) <> 0;
COMMENT ON VIEW reporting.fact_score IS 'What customers said and is shown, in lots, by day of the journey''s time zone. Rows add up; means of few scores say little.';
COMMENT ON COLUMN reporting.fact_score.measure IS 'satisfaction, overall, importance (1 to 10), effort, emotion, nps (0 to 10), expectation_met, outcome_reached, missed_message (0 or 1).';
COMMENT ON COLUMN reporting.fact_score.timeliness IS 'How the visit stood to its limits: late, in_time, or nothing held for it.';
COMMENT ON COLUMN reporting.fact_score.n IS 'How many scores.';
COMMENT ON COLUMN reporting.fact_score.points IS 'Their sum: divided by the sum of n it is the mean.';
COMMENT ON COLUMN reporting.fact_score.squared_points IS 'The sum of their squares, for a standard deviation.';
COMMENT ON COLUMN reporting.fact_score.promoters IS 'Of NPS, scores of 9 and 10; less the detractors, by n, times 100, it is the NPS.';
COMMENT ON COLUMN reporting.fact_score.detractors IS 'Of NPS, scores of 0 to 6.';

CREATE VIEW reporting.fact_kpi_state AS
SELECT journey, kpi, at AS since, lead(at) OVER (PARTITION BY journey, kpi ORDER BY at) AS until, state
FROM public.kpi_transitions
WHERE (journey, kpi) IN (SELECT journey, kpi FROM reporting.dim_kpi);
COMMENT ON VIEW reporting.fact_kpi_state IS 'Every state that was said of a KPI, and from when to when.';
COMMENT ON COLUMN reporting.fact_kpi_state.until IS 'When the next one was said; null: it stands.';
COMMENT ON COLUMN reporting.fact_kpi_state.state IS 'on_norm, watch, below_norm, too_few, stopped: docs/kpi.md.';

CREATE VIEW reporting.fact_case AS
SELECT case_key AS case_number, journey, opened_at, closed_at, last_at, last_touchpoint,
       coalesce(last_department, '') AS last_department, flagged
FROM public.cases
WHERE last_at IS NOT NULL;
COMMENT ON VIEW reporting.fact_case IS 'A row for each case, by a number of its own: neither its id nor its customer is told.';
COMMENT ON COLUMN reporting.fact_case.closed_at IS 'Null: it is open.';
COMMENT ON COLUMN reporting.fact_case.last_at IS 'When its last touchpoint was.';
COMMENT ON COLUMN reporting.fact_case.flagged IS 'Whether it ever waited for too long.';
