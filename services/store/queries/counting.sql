-- What the worker writes, in the order in which it locks: offset, event keys, cases, customers, windows.

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
WITH made AS (
    INSERT INTO writers (topic, partition) VALUES (%(topic)s, %(partition)s)
    ON CONFLICT DO NOTHING RETURNING writer
)
SELECT writer FROM made
UNION ALL
SELECT writer FROM writers WHERE topic = %(topic)s AND partition = %(partition)s;

-- name: claim_keys
INSERT INTO event_keys (source, event_id, digest)
SELECT * FROM unnest(%(sources)s::text[], %(event_ids)s::text[], %(digests)s::bytea[])
ON CONFLICT DO NOTHING
RETURNING source, event_id;

-- name: digests
SELECT source, event_id, digest FROM event_keys
WHERE (source, event_id) IN (SELECT * FROM unnest(%(sources)s::text[], %(event_ids)s::text[]));

-- name: open_cases
INSERT INTO cases (journey, case_id)
SELECT * FROM unnest(%(journeys)s::text[], %(case_ids)s::text[])
ON CONFLICT DO NOTHING;

-- name: lock_cases
SELECT case_key, journey, case_id FROM cases
WHERE (journey, case_id) IN (SELECT * FROM unnest(%(journeys)s::text[], %(case_ids)s::text[]))
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
SELECT * FROM unnest(
    %(case_key)s::bigint[], %(occurred_at)s::timestamptz[], %(started_at)s::timestamptz[], %(source)s::text[],
    %(event_id)s::text[], %(journey_version)s::integer[], %(touchpoint)s::text[], %(channel)s::text[],
    %(department)s::text[], %(employee)s::text[], %(persona)s::text[], %(customer_id)s::bigint[],
    %(cost_cents)s::bigint[], %(voids)s::text[], %(attributes)s::jsonb[]
);

-- name: update_cases
UPDATE cases SET
    revision = revision + 1,
    opened_at = now.opened_at,
    closed_at = now.closed_at,
    last_at = now.last_at,
    last_touchpoint = now.last_touchpoint,
    last_department = now.last_department
FROM unnest(
    %(case_key)s::bigint[], %(opened_at)s::timestamptz[], %(closed_at)s::timestamptz[], %(last_at)s::timestamptz[],
    %(last_touchpoint)s::text[], %(last_department)s::text[]
) AS now (case_key, opened_at, closed_at, last_at, last_touchpoint, last_department)
WHERE cases.case_key = now.case_key;

-- name: new_scopes
INSERT INTO scopes (journey, measure, span, touchpoint, department, channel, persona)
SELECT * FROM unnest(
    %(journey)s::text[], %(measure)s::text[], %(span)s::text[], %(touchpoint)s::text[], %(department)s::text[],
    %(channel)s::text[], %(persona)s::text[]
)
ON CONFLICT DO NOTHING;

-- name: scopes
SELECT scope_id, journey, measure, span, touchpoint, department, channel, persona FROM scopes
WHERE (journey, measure, span, touchpoint, department, channel, persona) IN (
    SELECT * FROM unnest(
        %(journey)s::text[], %(measure)s::text[], %(span)s::text[], %(touchpoint)s::text[], %(department)s::text[],
        %(channel)s::text[], %(persona)s::text[]
    )
);

-- name: raise_windows
INSERT INTO {table} AS held (bucket, scope_id, bin, writer, n, total, squares)
SELECT bucket, scope_id, bin, %(writer)s, n, total, squares
FROM unnest(
    %(bucket)s::timestamptz[], %(scope_id)s::integer[], %(bin)s::integer[], %(n)s::bigint[], %(total)s::numeric[],
    %(squares)s::numeric[]
) AS more (bucket, scope_id, bin, n, total, squares)
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
SELECT %(rejected_at)s, reason, field, detail, %(topic)s, %(partition)s, record_offset, raw
FROM unnest(%(reason)s::text[], %(field)s::text[], %(detail)s::text[], %(offset)s::bigint[], %(raw)s::bytea[])
    AS bad (reason, field, detail, record_offset, raw);

-- name: count_rejects
INSERT INTO reject_counts AS held (reason, n)
SELECT reason, count(*) FROM unnest(%(reason)s::text[]) AS reason GROUP BY reason ORDER BY reason
ON CONFLICT (reason) DO UPDATE SET n = held.n + excluded.n;

-- name: post_letters
INSERT INTO outbox (topic, key, value)
SELECT * FROM unnest(%(topic)s::text[], %(key)s::bytea[], %(value)s::bytea[]);
