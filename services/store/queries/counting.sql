-- What the worker writes, in the order in which it locks: offset, keys, cases, customers, windows; and KPIs, by name.
-- New rows come by COPY, and so do those of cases that change. Other rows that change some travel as one JSON document:
-- it is made and read in C.

-- name: try_lock
SELECT pg_try_advisory_xact_lock(hashtext(%(log)s), %(partition)s) AS locked;

-- name: end_the_holder
SELECT pg_terminate_backend(pid)
FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 2
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid = hashtext(%(log)s)::bit(32)::bigint::oid AND objid = %(partition)s::bigint::oid;

-- name: stored_offset
SELECT next_offset FROM stream_offsets
WHERE log_id = %(log_id)s AND topic = %(topic)s AND partition = %(partition)s;

-- name: move_offset
INSERT INTO stream_offsets (log_id, topic, partition, next_offset)
VALUES (%(log_id)s, %(topic)s, %(partition)s, %(next_offset)s)
ON CONFLICT (log_id, topic, partition) DO UPDATE SET next_offset = excluded.next_offset;

-- name: writer
SELECT writer FROM writers WHERE topic = %(topic)s AND partition = %(partition)s;

-- name: new_writer
INSERT INTO writers (topic, partition) VALUES (%(topic)s, %(partition)s) ON CONFLICT DO NOTHING;

-- name: copy_keys
COPY {table} (source, {id}, digest) FROM STDIN (FORMAT csv, NULL 'null', ESCAPE '\');

-- name: claim_keys
INSERT INTO {table} (source, {id}, digest)
SELECT * FROM json_to_recordset(%(rows)s::json) AS sent (source text, id text, digest uuid)
ON CONFLICT DO NOTHING
RETURNING source, {id};

-- name: release_keys
DELETE FROM {table}
WHERE (source, {id}) IN (SELECT * FROM json_to_recordset(%(rows)s::json) AS claimed (source text, id text));

-- name: digests
SELECT source, {id}, digest FROM {table}
WHERE (source, {id}) IN (SELECT * FROM json_to_recordset(%(rows)s::json) AS sent (source text, id text));

-- name: lock_cases
SELECT place, case_key, history_dropped, flagged, opened_at, closed_at, last_at, last_touchpoint, last_department,
       journey_version, begun, answered_at, expected, path
FROM ROWS FROM (json_array_elements_text(%(journeys)s::json), json_array_elements_text(%(case_ids)s::json))
    WITH ORDINALITY AS wanted (journey, case_id, place)
JOIN cases USING (journey, case_id)
ORDER BY place
FOR UPDATE OF cases;

-- name: new_case_keys
SELECT nextval('cases_case_key_seq') FROM generate_series(1, %(n)s);

-- name: visits
SELECT case_key, occurred_at, started_at, source, event_id, journey_version,
       touchpoint, department, channel, persona, voids, due_at, attributes ->> 'about', outcome, cost_cents
FROM touchpoint_events
WHERE case_key = ANY(%(case_keys)s);

-- name: answers
SELECT case_key, answered_at, journey_version, touchpoint, question, score
FROM survey_answers WHERE case_key = ANY(%(case_keys)s);

-- name: retained_from
SELECT name, retained_from FROM retention WHERE name IN ('minute', 'hour', 'day') FOR SHARE;

-- name: customers
SELECT encode(digest, 'hex'), customer_id FROM customer_digests
WHERE key_id = %(key_id)s AND digest IN (SELECT decode(each, 'hex') FROM json_array_elements_text(%(digests)s) AS each);

-- name: new_customers
WITH made AS (
    INSERT INTO customer_digests (key_id, digest, customer_id)
    SELECT %(key_id)s, decode(each, 'hex'), nextval('customers_customer_id_seq')
    FROM json_array_elements_text(%(digests)s) AS each
    ON CONFLICT DO NOTHING
    RETURNING digest, customer_id
), named AS (
    INSERT INTO customers (customer_id) OVERRIDING SYSTEM VALUE SELECT customer_id FROM made
)
SELECT encode(digest, 'hex'), customer_id FROM made;

-- name: known_customers
INSERT INTO customer_digests (key_id, digest, customer_id)
SELECT %(key_id)s, decode(digest, 'hex'), customer_id
FROM json_to_recordset(%(rows)s::json) AS known (digest text, customer_id bigint)
ON CONFLICT DO NOTHING;

-- name: unreadable
-- Customers of whom no digest was made with a key that is given.
SELECT count(*) FROM (
    SELECT FROM customer_digests GROUP BY customer_id HAVING NOT bool_or(key_id = ANY(%(key_ids)s))
) AS unreadable;

-- name: store_visits
COPY touchpoint_events (
    case_key, occurred_at, started_at, source, event_id, journey_version, touchpoint,
    channel, department, employee, persona, customer_id, cost_cents, voids, attributes, due_at, outcome, team, party
) FROM STDIN (FORMAT csv, NULL 'null', ESCAPE '\');

-- name: store_answers
COPY survey_answers (
    case_key, answered_at, source, answer_id, journey_version, touchpoint, question, score, invitation_id, customer_id
) FROM STDIN (FORMAT csv, NULL 'null', ESCAPE '\');

-- name: store_texts
COPY answer_texts (source, answer_id, answered_at, text, journey, touchpoint)
FROM STDIN (FORMAT csv, NULL 'null', ESCAPE '\');

-- name: open_cases
COPY cases (
    journey, case_id, case_key, opened_at, closed_at, last_at, last_touchpoint, last_department,
    journey_version, begun, answered_at, expected, path, overdue_from
) FROM STDIN (FORMAT csv, NULL 'null', ESCAPE '\');

-- name: room_for_moves
-- COPY into a table of the session, and from there: a row takes half the processor time that it takes by JSON.
CREATE TEMPORARY TABLE IF NOT EXISTS moved_cases (
    case_key        bigint,
    opened_at       timestamptz,
    closed_at       timestamptz,
    last_at         timestamptz,
    last_touchpoint text,
    last_department text,
    journey_version integer,
    begun           json,
    answered_at     timestamptz,
    expected        json,
    path            uuid,
    overdue_from    timestamptz,
    quiet           boolean
) ON COMMIT DELETE ROWS;

-- name: forget_moves
DELETE FROM moved_cases;

-- name: copy_moves
COPY moved_cases FROM STDIN (FORMAT csv, NULL 'null', ESCAPE '\');

-- name: update_cases
-- `overdue_from` stays where it is if that is early enough: an update that changes no indexed column leaves all indexes
-- alone. It moves ahead when something is overdue already, and more of the case may be on its way. A case that is closed
-- and waits for nothing need not be looked at.
UPDATE cases SET
    opened_at = now.opened_at,
    closed_at = now.closed_at,
    last_at = now.last_at,
    last_touchpoint = now.last_touchpoint,
    last_department = now.last_department,
    journey_version = now.journey_version,
    begun = now.begun,
    answered_at = now.answered_at,
    expected = now.expected,
    path = now.path,
    overdue_from = CASE
        WHEN now.quiet THEN now.overdue_from
        WHEN now.closed_at IS NULL OR now.overdue_from IS NOT NULL THEN least(cases.overdue_from, now.overdue_from)
    END
FROM moved_cases AS now
WHERE cases.case_key = now.case_key;

-- name: raise_case_hours
INSERT INTO case_hours AS held (journey, opened_in, writer, opened, closed)
SELECT journey, opened_in, %(writer)s, opened, closed
FROM json_to_recordset(%(rows)s::json) AS more (journey text, opened_in timestamptz, opened bigint, closed bigint)
ON CONFLICT (journey, opened_in, writer) DO UPDATE SET
    opened = held.opened + excluded.opened,
    closed = held.closed + excluded.closed;

-- name: new_scopes
INSERT INTO scopes (journey, measure, span, touchpoint, department, channel, persona, outcome)
SELECT * FROM json_to_recordset(%(rows)s::json) AS new (
    journey text, measure text, span text, touchpoint text, department text, channel text, persona text, outcome text
)
ON CONFLICT DO NOTHING;

-- name: scopes
SELECT scope_id, journey, measure, span, touchpoint, department, channel, persona, outcome FROM scopes
WHERE (journey, measure, span, touchpoint, department, channel, persona, outcome) IN (
    SELECT * FROM json_to_recordset(%(rows)s::json) AS wanted (
        journey text, measure text, span text, touchpoint text, department text, channel text, persona text,
        outcome text
    )
);

-- name: raise_windows
-- Appending bins is cheap and merging them is not, so a row's bins are merged when there are twice as many.
WITH raised AS (
    INSERT INTO {table} AS held (scope_id, bucket, writer, n, total, squares, merged, bins, counts)
    SELECT scope_id, bucket, %(writer)s, n, total, squares, cardinality(bins), bins, counts
    FROM json_to_recordset(%(rows)s::json) AS more (
        scope_id integer, bucket timestamptz, n bigint, total bigint, squares numeric, bins integer[], counts integer[]
    )
    ON CONFLICT (scope_id, bucket, writer) DO UPDATE SET
        n = held.n + excluded.n,
        total = held.total + excluded.total,
        squares = held.squares + excluded.squares,
        bins = held.bins || excluded.bins,
        counts = held.counts || excluded.counts
    RETURNING scope_id, bucket, cardinality(bins) > 2 * merged + 32 AS overgrown
)
SELECT scope_id, bucket FROM raised WHERE overgrown;

-- name: merge_bins
-- In no order, which costs a third of the time; and `unnest` streams where it stands in the select list.
UPDATE {table} AS held SET (merged, bins, counts) = (
    SELECT count(*), coalesce(array_agg(bin), '{{}}'), coalesce(array_agg(n), '{{}}')
    FROM (
        SELECT bin, sum(n)::integer AS n
        FROM (SELECT unnest(held.bins) AS bin, unnest(held.counts) AS n) AS entry
        GROUP BY bin HAVING sum(n) <> 0
    ) AS merged
)
FROM json_to_recordset(%(rows)s::json) AS grown (scope_id integer, bucket timestamptz)
WHERE held.scope_id = grown.scope_id AND held.bucket = grown.bucket AND held.writer = %(writer)s;

-- name: count_skipped
INSERT INTO skipped_observations AS held (resolution, writer, n)
SELECT resolution, %(writer)s, n FROM unnest(%(resolution)s::text[], %(n)s::bigint[]) AS more (resolution, n)
ON CONFLICT (resolution, writer) DO UPDATE SET n = held.n + excluded.n;

-- name: store_rejects
INSERT INTO rejects (rejected_at, reason, field, detail, topic, partition, "offset", raw)
SELECT %(rejected_at)s, reason, field, detail, %(topic)s, %(partition)s, "offset", raw
FROM json_to_recordset(%(rows)s::json) AS bad (reason text, field text, detail text, "offset" bigint, raw bytea);

-- name: count_rejects
INSERT INTO reject_counts AS held (reason, n)
SELECT reason, count(*) FROM unnest(%(reason)s::text[]) AS reason GROUP BY reason ORDER BY reason
ON CONFLICT (reason) DO UPDATE SET n = held.n + excluded.n;

-- name: post_letters
INSERT INTO outbox (topic, key, value)
SELECT * FROM unnest(%(topic)s::text[], %(key)s::bytea[], %(value)s::bytea[]);

-- name: lock_customers
SELECT FROM customers WHERE customer_id = ANY(%(customer_ids)s) ORDER BY customer_id FOR UPDATE;

-- name: invited
SELECT customer_id, decided_at FROM invitations
WHERE customer_id = ANY(%(customer_ids)s) AND suppressed IS NULL AND decided_at > %(since)s;

-- name: store_invitations
INSERT INTO invitations (
    invitation_id, case_key, source, event_id, journey_version, touchpoint, customer_id, decided_at, suppressed,
    questions
)
SELECT invitation_id, case_key, source, event_id, journey_version, touchpoint, customer_id, %(decided_at)s, suppressed,
       questions
FROM json_to_recordset(%(rows)s::json) AS decided (
    invitation_id text, case_key bigint, source text, event_id text, journey_version integer, touchpoint text,
    customer_id bigint, suppressed text, questions text[]
);

-- name: note_answered
UPDATE invitations SET answered_at = given.first
FROM (
    SELECT invitation_id, min(answered_at) AS first
    FROM json_to_recordset(%(rows)s::json) AS answer (invitation_id text, answered_at timestamptz)
    GROUP BY invitation_id
) AS given
WHERE invitations.invitation_id = given.invitation_id AND suppressed IS NULL
  AND (invitations.answered_at IS NULL OR invitations.answered_at > given.first);
