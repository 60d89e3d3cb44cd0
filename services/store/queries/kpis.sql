-- KPIs: marking what is due, calling for checks, and what is read and written to judge one.

-- name: mark
COPY kpi_marks (journey, kpi, since) FROM STDIN (FORMAT csv, NULL 'null', ESCAPE '\');

-- name: mark_all
-- Windows were mended: every sum is to be folded anew.
INSERT INTO kpi_marks (journey, kpi, since) SELECT journey, kpi, %(since)s FROM kpi_states;

-- name: be_the_caller
SELECT pg_try_advisory_xact_lock(hashtext('klantreis kpis')) AS locked;

-- name: add_states
INSERT INTO kpi_states (journey, kpi)
SELECT * FROM json_to_recordset(%(rows)s::json) AS drawn (journey text, kpi text)
ON CONFLICT DO NOTHING;

-- name: lock_states
-- In the order in which those who judge lock them.
SELECT FROM kpi_states ORDER BY journey COLLATE "C", kpi COLLATE "C" FOR UPDATE;

-- name: call
-- What was touched is due, and whatever was not called for in a while: time alone may change it. So is what is drawn no
-- more while its alert is heard.
WITH taken AS (
    DELETE FROM kpi_marks RETURNING journey, kpi, since
), touched AS (
    SELECT journey, kpi, min(since) AS since FROM taken GROUP BY journey, kpi
)
UPDATE kpi_states AS held SET
    revision = revision + 1,
    called_at = %(now)s,
    refold_from = LEAST(held.refold_from, due.since)
FROM (
    SELECT journey, kpi, touched.since
    FROM kpi_states
    LEFT JOIN (
        SELECT journey, kpi, true AS is_drawn
        FROM json_to_recordset(%(rows)s::json) AS drawn (journey text, kpi text)
    ) AS drawn USING (journey, kpi)
    LEFT JOIN touched USING (journey, kpi)
    WHERE (is_drawn OR told_at IS NOT NULL)
      AND (touched.since IS NOT NULL OR called_at IS NULL OR called_at <= %(not_since)s)
) AS due
WHERE held.journey = due.journey AND held.kpi = due.kpi
RETURNING held.journey, held.kpi;

-- name: state
SELECT revision, refold_from, definition, threshold, baseline_end, threshold_at, stale, state
FROM kpi_states WHERE journey = %(journey)s AND kpi = %(kpi)s;

-- name: hours
SELECT bucket, measure, sum(n)::bigint AS n, sum(total)::bigint AS total
FROM {windows} JOIN scopes USING (scope_id)
WHERE {covered} AND bucket >= %(start)s AND bucket <= %(end)s
GROUP BY bucket, measure;

-- name: values_by_hour
SELECT bucket, measure, bin, sum(count)::bigint AS n
FROM (
    SELECT bucket, measure, unnest(bins) AS bin, unnest(counts) AS count
    FROM {windows} JOIN scopes USING (scope_id)
    WHERE {covered} AND bucket >= %(start)s AND bucket <= %(end)s
) AS entries
GROUP BY bucket, measure, bin HAVING sum(count) <> 0;

-- name: caught_up
SELECT coalesce(sum(GREATEST(end_offset - coalesce(next_offset, 0), 0)) <= %(few)s, false)
FROM stream_ends LEFT JOIN stream_offsets USING (log_id, topic, partition)
WHERE topic = ANY(%(topics)s) AND seen_at > %(seen_after)s;

-- name: covered
journey = %(journey)s AND measure = ANY(%(measures)s)
AND (%(span)s::text IS NULL OR span = %(span)s)
AND (%(touchpoints)s::text[] IS NULL OR touchpoint = ANY(%(touchpoints)s))
AND (%(department)s::text IS NULL OR department = %(department)s)
AND (%(channel)s::text IS NULL OR channel = %(channel)s)
AND (%(persona)s::text IS NULL OR persona = %(persona)s)

-- name: changes
-- Those that stand, oldest first.
SELECT change_id, at, below, climb_from, decided_at, told_at
FROM kpi_changes
WHERE journey = %(journey)s AND kpi = %(kpi)s AND definition = %(definition)s AND NOT withdrawn
ORDER BY at;

-- name: add_changes
INSERT INTO kpi_changes (journey, kpi, definition, at, below, climb_from, threshold, decided_at, told_at)
SELECT %(journey)s, %(kpi)s, %(definition)s, at, below, climb_from, %(threshold)s, %(now)s, told_at
FROM json_to_recordset(%(rows)s::json)
    AS new (at timestamptz, below boolean, climb_from timestamptz, told_at timestamptz);

-- name: correct_changes
UPDATE kpi_changes SET
    at = right_one.at,
    climb_from = right_one.climb_from,
    told_at = right_one.told_at,
    corrected_at = CASE WHEN right_one.corrected THEN %(now)s ELSE corrected_at END
FROM json_to_recordset(%(rows)s::json) AS right_one (
    change_id bigint, at timestamptz, climb_from timestamptz, told_at timestamptz, corrected boolean
)
WHERE kpi_changes.change_id = right_one.change_id;

-- name: withdraw_changes
UPDATE kpi_changes SET withdrawn = true, corrected_at = %(now)s WHERE change_id = ANY(%(change_ids)s);

-- name: save_state
UPDATE kpi_states SET
    revision = revision + 1,
    refold_from = NULL,
    definition = %(definition)s,
    begins = %(begins)s,
    below = %(below)s,
    since = %(since)s,
    threshold = %(threshold)s,
    baseline_end = %(baseline_end)s,
    threshold_at = %(threshold_at)s,
    stale = %(stale)s,
    judged_at = %(now)s,
    state = %(state)s,
    level = %(level)s,
    recent = %(recent)s,
    told_at = %(told_at)s,
    shown_since = %(shown_since)s,
    shown_n = %(shown_n)s,
    shown_value = %(shown_value)s
WHERE journey = %(journey)s AND kpi = %(kpi)s AND revision = %(revision)s;

-- name: retire
UPDATE kpi_states SET
    revision = revision + 1, definition = NULL, state = NULL, below = false, since = NULL, told_at = NULL
WHERE journey = %(journey)s AND kpi = %(kpi)s AND revision = %(revision)s;

-- name: add_transition
INSERT INTO kpi_transitions (journey, kpi, at, state) VALUES (%(journey)s, %(kpi)s, %(now)s, %(state)s)
ON CONFLICT (journey, kpi, at) DO UPDATE SET state = excluded.state;

-- name: transitions
SELECT at, state FROM kpi_transitions
WHERE journey = %(journey)s AND kpi = %(kpi)s ORDER BY at DESC LIMIT %(limit)s;

-- name: states
SELECT kpi, state, below, since, threshold, level, recent, held.told_at, judged_at, shown_since, shown_n, shown_value,
       acknowledged_at, by AS acknowledged_by, note
FROM kpi_states AS held LEFT JOIN kpi_acknowledgements USING (journey, kpi, told_at)
WHERE journey = %(journey)s AND state IS NOT NULL;

-- name: acknowledge
-- The last word counts.
INSERT INTO kpi_acknowledgements (journey, kpi, told_at, acknowledged_at, by, note)
SELECT journey, kpi, told_at, %(now)s, %(by)s, %(note)s FROM kpi_states
WHERE journey = %(journey)s AND kpi = %(kpi)s AND told_at = %(told_at)s
ON CONFLICT (journey, kpi, told_at) DO UPDATE SET
    acknowledged_at = excluded.acknowledged_at, by = excluded.by, note = excluded.note;

-- name: history
SELECT at, below, climb_from, threshold, decided_at, told_at, corrected_at, withdrawn
FROM kpi_changes WHERE journey = %(journey)s AND kpi = %(kpi)s ORDER BY at DESC, change_id DESC LIMIT %(limit)s;
