-- What is read and written beside the counting.

-- name: offsets
SELECT log_id, topic, partition, next_offset FROM stream_offsets
WHERE (log_id, topic, partition) IN (
    SELECT * FROM unnest(%(log_ids)s::text[], %(topics)s::text[], %(partitions)s::integer[])
);

-- name: offsets_of_logs
SELECT topic, partition, next_offset FROM stream_offsets
WHERE (log_id, topic) IN (SELECT * FROM unnest(%(log_ids)s::text[], %(topics)s::text[]));

-- name: note_ends
INSERT INTO stream_ends (log_id, topic, partition, end_offset, seen_at)
SELECT log_id, topic, partition, end_offset, %(seen_at)s
FROM unnest(%(log_ids)s::text[], %(topics)s::text[], %(partitions)s::integer[], %(ends)s::bigint[])
    AS seen (log_id, topic, partition, end_offset)
ON CONFLICT (log_id, topic, partition) DO UPDATE SET end_offset = excluded.end_offset, seen_at = excluded.seen_at;

-- name: note_interruptions
INSERT INTO interruption_counts (cause, n)
SELECT cause, n FROM unnest(%(causes)s::text[], %(ns)s::bigint[]) AS noted (cause, n)
ON CONFLICT (cause) DO UPDATE SET n = interruption_counts.n + excluded.n;

-- name: be_the_relay
SELECT pg_try_advisory_xact_lock(hashtext('klantreis outbox')) AS locked;

-- name: oldest_letters
SELECT outbox_id, topic, key, value FROM outbox ORDER BY outbox_id LIMIT 500;

-- name: forget_letters
DELETE FROM outbox WHERE outbox_id = ANY(%(outbox_ids)s);

-- name: be_the_upkeep
SELECT pg_try_advisory_lock(hashtext('klantreis upkeep')) AS locked;

-- name: keeping
SELECT name,
       (extract(year FROM keep) * 12 + extract(month FROM keep))::integer AS months,
       extract(day FROM keep)::integer AS days,
       retained_from
FROM retention;

-- name: keep
UPDATE retention SET keep = make_interval(months => %(months)s, days => %(days)s) WHERE name = %(name)s;

-- name: move_retention
UPDATE retention SET retained_from = date_trunc('day', %(now)s::timestamptz - keep, 'UTC')
WHERE retained_from < date_trunc('day', %(now)s::timestamptz - keep, 'UTC')
RETURNING name, retained_from;

-- name: timescale
-- Whether the extension is in this database, and whether the server is ready for it.
SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb'),
       EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')
           AND current_setting('shared_preload_libraries') ~ '\mtimescaledb\M';

-- name: drops_chunks
-- Whether TimescaleDB drops old windows by itself: services/store/timescale.sql.
SELECT to_regprocedure('drop_old_windows(integer, jsonb)') IS NOT NULL AS drops_chunks;

-- name: drop_older
-- Where the table is one of many parts, a ctid is that of a row in each: so the moment is asked for twice.
DELETE FROM {table}
WHERE {moment} < %(before)s
  AND ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE {moment} < %(before)s LIMIT %(at_most)s));

-- name: last_of_next_cases
SELECT max(case_key) AS case_key
FROM (SELECT case_key FROM cases WHERE case_key > %(after)s ORDER BY case_key LIMIT %(at_most)s) AS next;

-- name: lock_old_cases
-- One that is being counted just now will still be there tomorrow.
SELECT case_key FROM cases
WHERE case_key > %(after)s AND case_key <= %(last)s AND NOT history_dropped
  AND closed_at < %(before)s AND last_at < %(before)s AND (answered_at IS NULL OR answered_at < %(before)s)
FOR UPDATE SKIP LOCKED;

-- name: drop_visits
DELETE FROM touchpoint_events WHERE case_key = ANY(%(case_keys)s);

-- name: drop_answers
DELETE FROM survey_answers WHERE case_key = ANY(%(case_keys)s);

-- name: drop_invitations
DELETE FROM invitations WHERE case_key = ANY(%(case_keys)s);

-- name: drop_flags
DELETE FROM case_flags WHERE case_key = ANY(%(case_keys)s);

-- name: drop_lots
-- Whole ones, of which nothing is left that could be taken back; what they show stays in the windows.
DELETE FROM scores WHERE lot IN (SELECT lot FROM scores WHERE lot IS NOT NULL GROUP BY lot HAVING max(at) < %(before)s);

-- name: note_dropped
UPDATE cases SET history_dropped = true, expected = NULL, overdue_from = NULL, flagged = false
WHERE case_key = ANY(%(case_keys)s);

-- name: number_of_versions
SELECT count(*) AS n FROM journey_versions;

-- name: versions
SELECT journey, version, valid_from, definition FROM journey_versions ORDER BY journey, version;

-- name: add_version
INSERT INTO journey_versions (journey, version, valid_from, definition)
VALUES (%(journey)s, %(version)s, %(valid_from)s, %(definition)s);

-- name: remember_shift
INSERT INTO imports (journey, digest, shift) VALUES (%(journey)s, %(digest)s, %(shift)s) ON CONFLICT DO NOTHING;

-- name: remembered_shift
SELECT shift FROM imports WHERE journey = %(journey)s AND digest = %(digest)s;

-- name: event_ids
SELECT event_id FROM event_keys WHERE source = %(source)s
UNION ALL
SELECT answer_id FROM answer_keys WHERE source = %(source)s;

-- name: rejects
SELECT reject_id, rejected_at, reason, field, detail, topic, partition, "offset" FROM rejects
WHERE reject_id > %(after)s ORDER BY reject_id LIMIT %(limit)s;

-- name: raw_rejects
SELECT reject_id, topic, raw FROM rejects WHERE reject_id = ANY(%(reject_ids)s) ORDER BY reject_id;
