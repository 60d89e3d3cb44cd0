-- What control charts and the trend review read and write.

-- name: begins
-- The first day of which a journey has visits: for each scope the first of its own, by the key.
SELECT min(held.bucket) AS begins
FROM scopes s CROSS JOIN LATERAL (
    SELECT bucket FROM rollups_day r WHERE r.scope_id = s.scope_id ORDER BY bucket LIMIT 1
) AS held
WHERE s.journey = %(journey)s AND s.measure = 'volume' AND s.channel = '' AND s.persona = '';

-- name: histograms
-- By the place of the period among its `starts`, from 1.
WITH held AS NOT MATERIALIZED (
    SELECT scope_id, width_bucket(r.bucket, %(starts)s::timestamptz[]) AS period, r.n, r.total, r.bins, r.counts
    FROM scopes s JOIN rollups_day r USING (scope_id)
    WHERE s.journey = %(journey)s AND s.channel = '' AND s.persona = '' AND s.measure = ANY(%(measures)s)
      AND r.bucket >= %(start)s AND r.bucket < %(end)s
), sums AS (
    SELECT scope_id, period, sum(n)::bigint AS n, sum(total)::bigint AS total
    FROM held GROUP BY scope_id, period HAVING sum(n) <> 0
), binned AS (
    SELECT scope_id, period, bin, sum(count) AS count
    FROM (SELECT scope_id, period, unnest(bins) AS bin, unnest(counts) AS count FROM held) AS pairs
    GROUP BY scope_id, period, bin HAVING sum(count) <> 0
), histograms AS (
    SELECT scope_id, period, array_agg(bin) AS bins, array_agg(count) AS counts FROM binned GROUP BY scope_id, period
)
SELECT sums.period, s.measure, s.span, s.touchpoint, s.department, s.outcome, sums.n, sums.total, h.bins, h.counts
FROM sums JOIN scopes s USING (scope_id) LEFT JOIN histograms h USING (scope_id, period);

-- name: resets
SELECT reset_id, measure, span, touchpoint, department, outcome, since, reset_at, by, why, undone_at, undone_by
FROM chart_resets WHERE journey = %(journey)s ORDER BY since, reset_id;

-- name: reset
INSERT INTO chart_resets (journey, measure, span, touchpoint, department, outcome, since, reset_at, by, why)
VALUES (%(journey)s, %(measure)s, %(span)s, %(touchpoint)s, %(department)s, %(outcome)s, %(since)s, %(now)s, %(by)s, %(why)s)
RETURNING reset_id;

-- name: undo
-- Once: who undid it first is the one who did.
UPDATE chart_resets SET undone_at = %(now)s, undone_by = %(by)s
WHERE journey = %(journey)s AND reset_id = %(reset_id)s AND undone_at IS NULL;
