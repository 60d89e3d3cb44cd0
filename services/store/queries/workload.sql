-- Who has how much in hand, what comes and what goes, and what it costs.

-- name: flows
-- What came and went each day, of the journey as a whole (level case) and of each department.
SELECT s.span AS level, s.department, s.measure, r.bucket, sum(r.n)::bigint AS n
FROM scopes s JOIN rollups_day r USING (scope_id)
WHERE s.journey = %(journey)s AND s.measure = ANY(%(measures)s) AND r.bucket >= %(start)s AND r.bucket < %(end)s
GROUP BY 1, 2, 3, 4 HAVING sum(r.n) <> 0;

-- name: touchpoints
-- The visits to each touchpoint, and what those cost that said so.
SELECT s.touchpoint, s.measure, sum(r.n)::bigint AS n, sum(r.total)::bigint AS total
FROM scopes s JOIN rollups_day r USING (scope_id)
WHERE s.journey = %(journey)s AND s.measure IN ('volume', 'cost') AND r.bucket >= %(start)s AND r.bucket < %(end)s
GROUP BY 1, 2 HAVING sum(r.n) <> 0;

-- name: open_cases
SELECT coalesce(last_department, '') AS handler, count(*) AS n FROM cases
WHERE journey = %(journey)s AND closed_at IS NULL AND last_day IS NOT NULL
GROUP BY 1;

-- name: open_by_handler
-- By who handled the last visit of each; at other touchpoints than these, if any are named, it is nobody.
SELECT coalesce(CASE WHEN %(touchpoints)s::text[] IS NULL OR touchpoint = ANY(%(touchpoints)s) THEN handler END, '')
           AS handler, count(*) AS n
FROM (
    SELECT DISTINCT ON (c.case_key) e.{handler} AS handler, e.touchpoint
    FROM cases c JOIN touchpoint_events e USING (case_key)
    WHERE c.journey = %(journey)s AND c.closed_at IS NULL AND c.last_day IS NOT NULL
      AND e.occurred_at = c.last_at AND e.touchpoint = c.last_touchpoint AND e.voids IS NULL
    ORDER BY c.case_key, e.source DESC, e.event_id DESC
) AS last
GROUP BY 1;

-- name: handled
-- All visits of cases that had one in a time, with who handled each.
SELECT e.{handler} AS handler, e.case_key, e.occurred_at, e.started_at, e.source, e.event_id, e.journey_version,
       e.touchpoint, e.department, e.channel, e.persona, e.voids, e.due_at, e.attributes ->> 'about', e.outcome,
       e.cost_cents
FROM touchpoint_events e
WHERE e.case_key IN (
    SELECT t.case_key FROM touchpoint_events t JOIN cases c USING (case_key)
    WHERE c.journey = %(journey)s AND t.occurred_at >= %(start)s AND t.occurred_at < %(end)s
)
LIMIT %(at_most)s;

-- name: path_costs
-- Of cases that were closed in a time, by path: the visits of each touchpoint, those that said what they cost, and that.
SELECT c.path, width_bucket(c.opened_at, %(since)s::timestamptz[]) AS version_place, e.touchpoint, e.journey_version,
       count(*) AS n, count(e.cost_cents) AS said, coalesce(sum(e.cost_cents), 0)::bigint AS cents
FROM cases c JOIN touchpoint_events e USING (case_key)
WHERE c.journey = %(journey)s AND c.closed_at >= %(start)s AND c.closed_at < %(end)s AND c.path IS NOT NULL
  AND NOT c.history_dropped AND e.voids IS NULL
  AND NOT EXISTS (
      SELECT FROM touchpoint_events v WHERE v.case_key = e.case_key AND v.source = e.source AND v.voids = e.event_id
  )
GROUP BY 1, 2, 3, 4;
