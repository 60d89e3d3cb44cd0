-- Cases that wait too long: finding them, flagging them, and how what they were flagged for stands now.

-- name: be_the_flagger
-- One that has been stopped must not keep the others from it.
SELECT pg_try_advisory_xact_lock(hashtext('klantreis flags')) AS locked,
       set_config('idle_in_transaction_session_timeout', '10s', true);

-- name: backlog
-- What is waited for may be among the events that have not been counted yet. Ends that no worker has seen lately are
-- those of logs that are gone.
SELECT coalesce(sum(greatest(end_offset - coalesce(next_offset, 0), 0)), 0)::bigint
FROM stream_ends LEFT JOIN stream_offsets USING (log_id, topic, partition)
WHERE topic = %(topic)s AND seen_at > %(now)s - interval '1 minute';

-- name: overdue_cases
-- One that is being counted just now is looked at in the next turn.
SELECT case_key, journey, case_id, expected FROM cases
WHERE overdue_from < %(now)s
ORDER BY overdue_from LIMIT %(at_most)s
FOR UPDATE SKIP LOCKED;

-- name: flag
INSERT INTO case_flags (case_key, journey, kind, touchpoint, after, since, due_at, flagged_at)
SELECT case_key, journey, kind, touchpoint, after, since, due_at, %(now)s
FROM json_to_recordset(%(rows)s::json) AS new (
    case_key bigint, journey text, kind text, touchpoint text, after text, since timestamptz, due_at timestamptz
)
ON CONFLICT DO NOTHING
RETURNING case_key, kind, touchpoint, after, since, due_at;

-- name: look_again
UPDATE cases SET overdue_from = looked.overdue_from, flagged = cases.flagged OR looked.flagged
FROM json_to_recordset(%(rows)s::json) AS looked (case_key bigint, overdue_from timestamptz, flagged boolean)
WHERE cases.case_key = looked.case_key;

-- name: flags
SELECT case_key, journey, case_id, kind, touchpoint, after, since, due_at,
       CASE WHEN corrected THEN 'corrected' WHEN cleared_at IS NULL THEN 'raised' ELSE 'cleared' END
FROM case_flags JOIN cases USING (case_key, journey)
WHERE case_key = ANY(%(case_keys)s)
ORDER BY flag_id;

-- name: settle
UPDATE case_flags SET
    cleared_at = CASE WHEN settled.state = 'raised' THEN NULL ELSE coalesce(cleared_at, %(now)s) END,
    corrected = settled.state = 'corrected'
FROM json_to_recordset(%(rows)s::json) AS settled (
    case_key bigint, kind text, touchpoint text, after text, since timestamptz, state text
)
WHERE case_flags.case_key = settled.case_key AND case_flags.kind = settled.kind
  AND case_flags.touchpoint = settled.touchpoint AND case_flags.after = settled.after
  AND case_flags.since = settled.since;
