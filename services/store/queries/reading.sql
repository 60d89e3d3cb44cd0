-- What the monitor reads. Every statement reaches its rows by an index; none reads the events of more than one case.

-- name: histograms
SELECT s.measure, s.span, s.touchpoint, s.department, r.bin, sum(r.n)::bigint AS n, sum(r.total)::bigint AS total
FROM scopes s JOIN {rollups} r USING (scope_id)
WHERE s.journey = %(journey)s AND r.bucket >= %(start)s AND r.bucket < %(end)s
GROUP BY s.measure, s.span, s.touchpoint, s.department, r.bin
HAVING sum(r.n) <> 0;

-- name: volumes_of_day
SELECT s.touchpoint, sum(r.n)::bigint AS n
FROM scopes s JOIN rollups_day r USING (scope_id)
WHERE s.journey = %(journey)s AND s.measure = 'volume' AND r.bucket = %(midnight)s
GROUP BY s.touchpoint
HAVING sum(r.n) <> 0;

-- name: case_counts
SELECT
    (SELECT count(*) FROM cases
     WHERE journey = %(journey)s AND closed_at IS NULL AND last_at IS NOT NULL) AS open,
    (SELECT count(*) FROM cases
     WHERE journey = %(journey)s AND closed_at IS NULL AND last_at IS NOT NULL
       AND opened_at < %(overdue_before)s) AS overdue,
    (SELECT count(*) FROM cases
     WHERE journey = %(journey)s AND opened_at >= %(midnight)s) AS opened_today,
    (SELECT count(*) FROM cases
     WHERE journey = %(journey)s AND closed_at IS NOT NULL AND closed_at >= %(midnight)s) AS closed_today;

-- name: waiting_cases
SELECT case_key, journey, case_id, opened_at, closed_at, last_at, last_touchpoint, last_department
FROM cases
WHERE journey = %(journey)s AND closed_at IS NULL AND last_at IS NOT NULL
  AND (last_at, case_key) > (%(after_moment)s, %(after_key)s)
ORDER BY last_at, case_key
LIMIT %(limit)s;

-- name: closed_cases
SELECT case_key, journey, case_id, opened_at, closed_at, last_at, last_touchpoint, last_department
FROM cases
WHERE journey = %(journey)s AND closed_at IS NOT NULL
  AND (closed_at, case_key) < (%(after_moment)s, %(after_key)s)
ORDER BY closed_at DESC, case_key DESC
LIMIT %(limit)s;

-- name: one_case
SELECT case_key, journey, case_id, opened_at, closed_at, last_at, last_touchpoint, last_department
FROM cases
WHERE journey = %(journey)s AND case_id = %(case_id)s;

-- name: visits_of_case
SELECT occurred_at, started_at, source, event_id, journey_version, touchpoint, department, channel, persona, voids
FROM touchpoint_events
WHERE case_key = %(case_key)s;

-- name: log_positions
-- A topic that was made anew has another log; the one that a worker saw last is the one that counts.
SELECT DISTINCT ON (e.topic, e.partition)
    e.topic, e.partition, coalesce(o.next_offset, 0) AS next_offset, e.end_offset, e.seen_at
FROM stream_ends e LEFT JOIN stream_offsets o USING (log_id, topic, partition)
ORDER BY e.topic, e.partition, e.seen_at DESC;

-- name: reject_counts
SELECT reason, n FROM reject_counts ORDER BY reason;
