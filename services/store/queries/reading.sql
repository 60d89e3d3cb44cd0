-- What the monitor reads. Every statement reaches its rows by an index; only figures by employee
-- read the events of more than one case.

-- name: histograms
-- `unnest` stands in the select list because that streams; in FROM each row's bins would be stored first.
-- Exact scores are for nobody's eyes (streams/releasing.py).
WITH held AS NOT MATERIALIZED (
    SELECT scope_id, r.n, r.total, r.bins, r.counts
    FROM scopes s JOIN {rollups} r USING (scope_id)
    WHERE s.journey = %(journey)s AND s.channel = '' AND s.persona = '' AND s.measure <> ALL(%(hidden)s)
      AND r.bucket >= %(start)s AND r.bucket < %(end)s
), sums AS (
    SELECT scope_id, sum(n)::bigint AS n, sum(total)::bigint AS total
    FROM held GROUP BY scope_id HAVING sum(n) <> 0
), binned AS (
    SELECT scope_id, bin, sum(count) AS count
    FROM (SELECT scope_id, unnest(bins) AS bin, unnest(counts) AS count FROM held) AS pairs
    GROUP BY scope_id, bin HAVING sum(count) <> 0
), histograms AS (
    SELECT scope_id, array_agg(bin) AS bins, array_agg(count) AS counts FROM binned GROUP BY scope_id
)
SELECT s.measure, s.span, s.touchpoint, s.department, sums.n, sums.total, h.bins, h.counts
FROM sums JOIN scopes s USING (scope_id) LEFT JOIN histograms h USING (scope_id);

-- name: scores
-- What is shown of the scores of a journey, by the finest scope.
SELECT measure, span, touchpoint, department, channel, persona, outcome, bin AS value, sum(count)::bigint AS n
FROM (
    SELECT s.measure, s.span, s.touchpoint, s.department, s.channel, s.persona, s.outcome,
           unnest(w.bins) AS bin, unnest(w.counts) AS count
    FROM scopes s JOIN {windows} w USING (scope_id)
    WHERE s.journey = %(journey)s AND s.measure = ANY(%(shown)s)
      AND w.bucket >= %(start)s AND w.bucket < %(end)s
) AS entries
GROUP BY measure, span, touchpoint, department, channel, persona, outcome, bin HAVING sum(count) <> 0;

-- name: passages
-- All visits of a journey, by the finest scope.
SELECT s.span, s.touchpoint, s.department, s.channel, s.persona, sum(w.n)::bigint AS n
FROM scopes s JOIN {windows} w USING (scope_id)
WHERE s.journey = %(journey)s AND s.measure = 'volume' AND w.bucket >= %(start)s AND w.bucket < %(end)s
GROUP BY s.span, s.touchpoint, s.department, s.channel, s.persona HAVING sum(w.n) <> 0;

-- name: employee_visits
SELECT e.touchpoint, coalesce(e.employee, '') AS employee, count(*) AS n
FROM touchpoint_events e JOIN cases c USING (case_key)
WHERE c.journey = %(journey)s AND e.occurred_at >= %(start)s AND e.occurred_at < %(end)s AND e.voids IS NULL
  AND NOT EXISTS (
      SELECT FROM touchpoint_events v
      WHERE v.case_key = e.case_key AND v.source = e.source AND v.voids = e.event_id
  )
GROUP BY 1, 2;

-- name: responses
SELECT i.touchpoint, i.suppressed, count(*) AS n, count(i.answered_at) AS answered,
       count(*) FILTER (WHERE i.answered_at IS NULL AND i.decided_at <= %(expired_before)s) AS expired
FROM invitations i JOIN cases c USING (case_key)
WHERE c.journey = %(journey)s AND i.decided_at >= %(start)s AND i.decided_at < %(end)s
GROUP BY i.touchpoint, i.suppressed;

-- name: volumes_of_day
SELECT s.touchpoint, sum(r.n)::bigint AS n
FROM scopes s JOIN rollups_day r USING (scope_id)
WHERE s.journey = %(journey)s AND s.measure = 'volume' AND s.channel = '' AND s.persona = ''
  AND r.bucket = %(midnight)s
GROUP BY s.touchpoint
HAVING sum(r.n) <> 0;

-- name: case_counts
-- A case that is closed today ended its throughput time as a whole today.
SELECT
    (SELECT coalesce(sum(opened - closed), 0)::bigint FROM case_hours
     WHERE journey = %(journey)s AND opened <> closed) AS open,
    (SELECT coalesce(sum(opened - closed), 0)::bigint FROM case_hours
     WHERE journey = %(journey)s AND opened <> closed AND opened_in < %(overdue_before)s) AS overdue,
    (SELECT coalesce(sum(opened), 0)::bigint FROM case_hours
     WHERE journey = %(journey)s AND opened_in >= %(midnight)s) AS opened_today,
    (SELECT coalesce(sum(r.n), 0)::bigint FROM scopes s JOIN rollups_day r USING (scope_id)
     WHERE s.journey = %(journey)s AND s.measure = 'throughput' AND s.span = 'case'
       AND s.channel = '' AND s.persona = '' AND r.bucket = %(midnight)s) AS closed_today;

-- name: waiting_cases
-- Days come first because the index goes by them; they do not change the order.
SELECT case_key, journey, case_id, opened_at, closed_at, last_at, last_touchpoint, last_department
FROM cases
WHERE journey = %(journey)s AND closed_at IS NULL AND last_day IS NOT NULL AND NOT erased
  AND last_day >= date_trunc('day', %(after_moment)s::timestamptz AT TIME ZONE 'UTC')
  AND (last_at, case_key) > (%(after_moment)s, %(after_key)s)
ORDER BY last_day, last_at, case_key
LIMIT %(limit)s;

-- name: closed_cases
SELECT case_key, journey, case_id, opened_at, closed_at, last_at, last_touchpoint, last_department
FROM cases
WHERE journey = %(journey)s AND closed_at IS NOT NULL
  AND (closed_at, case_key) < (%(after_moment)s, %(after_key)s)
ORDER BY closed_at DESC, case_key DESC
LIMIT %(limit)s;

-- name: flag_counts
SELECT kind, touchpoint, count(*) AS n FROM case_flags
WHERE journey = %(journey)s AND cleared_at IS NULL
GROUP BY kind, touchpoint;

-- name: open_flags
SELECT flag_id, case_key, journey, case_id, kind, touchpoint, after, since, due_at, flagged_at
FROM case_flags JOIN cases USING (case_key, journey)
WHERE journey = %(journey)s AND cleared_at IS NULL
  AND (due_at, flag_id) > (%(after_moment)s, %(after_key)s)
ORDER BY due_at, flag_id
LIMIT %(limit)s;

-- name: open_flags_of_cases
SELECT flag_id, case_key, journey, case_id, kind, touchpoint, after, since, due_at, flagged_at
FROM case_flags JOIN cases USING (case_key, journey)
WHERE case_key = ANY(%(case_keys)s) AND cleared_at IS NULL
ORDER BY due_at, flag_id;

-- name: one_case
SELECT case_key, journey, case_id, opened_at, closed_at, last_at, last_touchpoint, last_department
FROM cases
WHERE journey = %(journey)s AND case_id = %(case_id)s;

-- name: visits_of_case
SELECT occurred_at, started_at, source, event_id, journey_version, touchpoint, department, channel, persona, voids,
       due_at, attributes ->> 'about' AS about, outcome, cost_cents
FROM touchpoint_events
WHERE case_key = %(case_key)s;

-- name: remarks
SELECT answered_at, touchpoint, text FROM answer_texts
WHERE journey = %(journey)s AND answered_at >= %(start)s AND answered_at < %(end)s
  AND (%(touchpoint)s::text IS NULL OR touchpoint = %(touchpoint)s)
ORDER BY answered_at DESC LIMIT %(limit)s;

-- name: open_invitations
SELECT i.invitation_id, i.touchpoint, i.decided_at
FROM invitations i JOIN cases c USING (case_key)
WHERE i.suppressed IS NULL AND i.answered_at IS NULL AND i.decided_at > %(since)s AND c.journey = %(journey)s
  AND NOT c.erased
  AND NOT EXISTS (SELECT FROM survey_responses r WHERE r.invitation_id = i.invitation_id)
ORDER BY i.decided_at DESC LIMIT %(limit)s;

-- name: log_positions
-- A topic that was made anew has another log; the one that a worker saw last is the one that counts.
SELECT DISTINCT ON (e.topic, e.partition)
    e.topic, e.partition, coalesce(o.next_offset, 0) AS next_offset, e.end_offset, e.seen_at
FROM stream_ends e LEFT JOIN stream_offsets o USING (log_id, topic, partition)
ORDER BY e.topic, e.partition, e.seen_at DESC;

-- name: reject_counts
SELECT reason, n FROM reject_counts ORDER BY reason;

-- name: interruption_counts
SELECT cause, n FROM interruption_counts;
