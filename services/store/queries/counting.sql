-- What the worker writes, in the order in which it locks: offset, event keys, cases, customers, windows.
-- Many rows travel as one JSON document: it is made and read in C, where an array is made in Python, item by item.

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

-- name: claim_keys
INSERT INTO event_keys (source, event_id, digest)
SELECT * FROM json_to_recordset(%(rows)s::json) AS sent (source text, event_id text, digest bytea)
ON CONFLICT DO NOTHING
RETURNING source, event_id;

-- name: digests
SELECT source, event_id, digest FROM event_keys
WHERE (source, event_id) IN (
    SELECT * FROM json_to_recordset(%(rows)s::json) AS sent (source text, event_id text)
);

-- name: open_cases
INSERT INTO cases (journey, case_id)
SELECT * FROM json_to_recordset(%(rows)s::json) AS wanted (journey text, case_id text)
ON CONFLICT DO NOTHING;

-- name: lock_cases
SELECT case_key, journey, case_id FROM cases
WHERE (journey, case_id) IN (
    SELECT * FROM json_to_recordset(%(rows)s::json) AS wanted (journey text, case_id text)
)
ORDER BY journey, case_id
FOR UPDATE;

-- name: visits
SELECT case_key, occurred_at, started_at, source, event_id, journey_version,
       touchpoint, department, channel, persona, voids
FROM touchpoint_events
WHERE case_key = ANY(%(case_keys)s);

-- name: retained_from
SELECT resolution, retained_from FROM retention FOR SHARE;

-- name: new_customers
INSERT INTO customer_digests (key_id, digest, customer_id)
SELECT %(key_id)s, digest, nextval(pg_get_serial_sequence('customers', 'customer_id'))
FROM unnest(%(digests)s::bytea[]) AS digest
ON CONFLICT DO NOTHING
RETURNING customer_id;

-- name: name_customers
INSERT INTO customers (customer_id) OVERRIDING SYSTEM VALUE
SELECT * FROM unnest(%(customer_ids)s::bigint[]);

-- name: customers
SELECT digest, customer_id FROM customer_digests
WHERE key_id = %(key_id)s AND digest = ANY(%(digests)s);

-- name: store_visits
INSERT INTO touchpoint_events (
    case_key, occurred_at, started_at, source, event_id, journey_version, touchpoint,
    channel, department, employee, persona, customer_id, cost_cents, voids, attributes
)
SELECT * FROM json_to_recordset(%(rows)s::json) AS visit (
    case_key bigint, occurred_at timestamptz, started_at timestamptz, source text, event_id text,
    journey_version integer, touchpoint text, channel text, department text, employee text, persona text,
    customer_id bigint, cost_cents bigint, voids text, attributes jsonb
);

-- name: update_cases
UPDATE cases SET
    revision = revision + 1,
    opened_at = now.opened_at,
    closed_at = now.closed_at,
    last_at = now.last_at,
    last_touchpoint = now.last_touchpoint,
    last_department = now.last_department
FROM json_to_recordset(%(rows)s::json) AS now (
    case_key bigint, opened_at timestamptz, closed_at timestamptz, last_at timestamptz,
    last_touchpoint text, last_department text
)
WHERE cases.case_key = now.case_key;

-- name: new_scopes
INSERT INTO scopes (journey, measure, span, touchpoint, department, channel, persona)
SELECT * FROM json_to_recordset(%(rows)s::json) AS new (
    journey text, measure text, span text, touchpoint text, department text, channel text, persona text
)
ON CONFLICT DO NOTHING;

-- name: scopes
SELECT scope_id, journey, measure, span, touchpoint, department, channel, persona FROM scopes
WHERE (journey, measure, span, touchpoint, department, channel, persona) IN (
    SELECT * FROM json_to_recordset(%(rows)s::json) AS wanted (
        journey text, measure text, span text, touchpoint text, department text, channel text, persona text
    )
);

-- name: raise_windows
INSERT INTO {table} AS held (bucket, scope_id, bin, writer, n, total, squares)
SELECT bucket, scope_id, bin, %(writer)s, n, total, squares
FROM json_to_recordset(%(rows)s::json) AS more (
    bucket timestamptz, scope_id integer, bin integer, n bigint, total numeric, squares numeric
)
ON CONFLICT (scope_id, bucket, bin, writer) DO UPDATE SET
    n = held.n + excluded.n,
    total = held.total + excluded.total,
    squares = held.squares + excluded.squares;

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
