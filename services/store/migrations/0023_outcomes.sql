-- How a case came out, so that scores are kept apart by it: a refusal scores low whatever the service.

-- What an event says of it, by the version of the journey that holds for it (schemas/outcome.py). A version from before
-- this says nothing of outcomes, so nothing has to be counted anew.
ALTER TABLE touchpoint_events ADD COLUMN outcome text;

-- Of scores the outcome that was known; of all else empty.
ALTER TABLE scopes ADD COLUMN outcome text NOT NULL DEFAULT '';
ALTER TABLE scopes DROP CONSTRAINT scopes_journey_measure_span_touchpoint_department_channel_p_key;
ALTER TABLE scopes ADD CONSTRAINT scopes_key
    UNIQUE (journey, measure, span, touchpoint, department, channel, persona, outcome);

-- The empty string: of any outcome.
ALTER TABLE chart_resets ADD COLUMN outcome text NOT NULL DEFAULT '';

CREATE VIEW reporting.dim_outcome AS
SELECT journey,
       outcome ->> 'id' AS outcome,
       outcome #>> '{name,nl}' AS name_nl,
       outcome #>> '{name,en}' AS name_en,
       outcome_number
FROM (SELECT DISTINCT ON (journey) journey, definition FROM public.journey_versions ORDER BY journey, version DESC) AS newest,
     jsonb_array_elements(definition -> 'outcomes') WITH ORDINALITY AS drawn (outcome, outcome_number);
COMMENT ON VIEW reporting.dim_outcome IS 'A row for each way in which cases come out, as the newest version of the journey names it. Scores also know other (a value that is not named) and the empty string (not said yet).';

CREATE OR REPLACE VIEW reporting.fact_score AS
SELECT journey, date, measure, timeliness, touchpoint, department,
       sum(n)::bigint AS n,
       sum(total) / 1000 AS points,
       sum(squares) / 1000000 AS squared_points,
       CASE WHEN measure = 'nps' THEN sum(promoters)::bigint END AS promoters,
       CASE WHEN measure = 'nps' THEN sum(detractors)::bigint END AS detractors,
       outcome
FROM (
    SELECT journey, (bucket AT TIME ZONE time_zone)::date AS date, substr(measure, 10) AS measure, span AS timeliness,
           touchpoint, department, outcome, n, total::numeric AS total, squares,
           (SELECT sum(count) FROM unnest(bins, counts) AS entry (bin, count) WHERE bin >= 9000) AS promoters,
           (SELECT sum(count) FROM unnest(bins, counts) AS entry (bin, count) WHERE bin <= 6000) AS detractors
    FROM public.rollups_day JOIN public.scopes USING (scope_id) JOIN reporting.dim_journey USING (journey)
    WHERE measure LIKE 'released %'
) AS shown
GROUP BY journey, date, measure, timeliness, touchpoint, department, outcome HAVING sum(n) <> 0;
COMMENT ON COLUMN reporting.fact_score.outcome IS 'How the case had come out when the customer met the touchpoint (dim_outcome); empty: that was not said yet.';
