-- Real paths: what followed what, and the paths of cases that were closed.

-- name: edges
-- A gap's span is the touchpoint from which it runs.
WITH held AS NOT MATERIALIZED (
    SELECT s.span, s.touchpoint, w.n, w.total, w.bins, w.counts
    FROM scopes s JOIN {windows} w USING (scope_id)
    WHERE s.journey = %(journey)s AND s.measure = 'gap' AND w.bucket >= %(start)s AND w.bucket < %(end)s
      AND {of_whom}
), sums AS (
    SELECT span, touchpoint, sum(n)::bigint AS n, sum(total)::bigint AS total
    FROM held GROUP BY span, touchpoint HAVING sum(n) <> 0
), binned AS (
    SELECT span, touchpoint, bin, sum(count) AS count
    FROM (SELECT span, touchpoint, unnest(bins) AS bin, unnest(counts) AS count FROM held) AS pairs
    GROUP BY span, touchpoint, bin HAVING sum(count) <> 0
), histograms AS (
    SELECT span, touchpoint, array_agg(bin) AS bins, array_agg(count::bigint) AS counts
    FROM binned GROUP BY span, touchpoint
)
SELECT span, touchpoint, n, total, bins, counts FROM sums LEFT JOIN histograms USING (span, touchpoint);

-- name: visits
SELECT s.touchpoint, sum(w.n)::bigint AS n
FROM scopes s JOIN {windows} w USING (scope_id)
WHERE s.journey = %(journey)s AND s.measure = 'volume' AND w.bucket >= %(start)s AND w.bucket < %(end)s
  AND {of_whom}
GROUP BY s.touchpoint HAVING sum(w.n) <> 0;

-- name: of_whom
(%(department)s::text IS NULL OR s.department = %(department)s)
AND (%(channel)s::text IS NULL OR s.channel = %(channel)s)
AND (%(persona)s::text IS NULL OR s.persona = %(persona)s)

-- name: personas
-- Visits by persona, and after what they came; those that came first after nothing.
SELECT after, touchpoint, persona, sum(n)::bigint AS n FROM (
    SELECT unnest(CASE s.measure WHEN 'gap' THEN ARRAY[s.span, ''] ELSE ARRAY[''] END) AS after, s.touchpoint, s.persona,
           unnest(CASE s.measure WHEN 'gap' THEN ARRAY[w.n, -w.n] ELSE ARRAY[w.n] END) AS n
    FROM scopes s JOIN {windows} w USING (scope_id)
    WHERE s.journey = %(journey)s AND s.measure IN ('volume', 'gap')
      AND w.bucket >= %(start)s AND w.bucket < %(end)s
) AS passed
GROUP BY after, touchpoint, persona HAVING sum(n) <> 0;

-- name: variants
-- By path and by the version that was valid when the case was opened; the commonest, and what all come to.
SELECT path, version_place, n, total, squares, example,
       sum(n) OVER ()::bigint AS all_cases, count(path) OVER ()::bigint AS all_variants
FROM (
    SELECT path, version_place, count(*) AS n, sum(took) AS total, sum(took * took) AS squares,
           min(case_key) FILTER (WHERE NOT history_dropped) AS example
    FROM (
        SELECT case_key, path, history_dropped, width_bucket(opened_at, %(since)s::timestamptz[]) AS version_place,
               floor(extract(epoch FROM closed_at - opened_at) * 1000) AS took
        FROM cases
        WHERE journey = %(journey)s AND closed_at >= %(start)s AND closed_at < %(end)s
    ) AS closed
    GROUP BY path, version_place
) AS found
ORDER BY n DESC, path, version_place
LIMIT %(at_most)s;

-- name: examples
SELECT case_key, occurred_at, started_at, source, event_id, journey_version,
       touchpoint, department, channel, persona, voids, due_at, attributes ->> 'about', outcome, cost_cents
FROM touchpoint_events WHERE case_key = ANY(%(case_keys)s);

-- name: scores
-- What customers of those cases said, by week.
SELECT c.path, width_bucket(c.opened_at, %(since)s::timestamptz[]) AS version_place,
       date_trunc('week', a.answered_at, %(zone)s) AS week, a.journey_version, a.question, a.score, count(*) AS n
FROM cases c JOIN survey_answers a USING (case_key)
WHERE c.journey = %(journey)s AND c.closed_at >= %(start)s AND c.closed_at < %(end)s AND c.path IS NOT NULL
  AND a.score IS NOT NULL AND a.answered_at >= %(first_week)s AND a.answered_at < %(after_weeks)s
GROUP BY 1, 2, 3, 4, 5, 6;
