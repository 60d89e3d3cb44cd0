-- What `klantreis doctor` looks at.

-- name: server
SELECT current_setting('server_version') AS version,
       clock_timestamp() AS now,
       has_database_privilege(current_database(), 'TEMPORARY') AS temporary,
       pg_database_size(current_database()) AS bytes,
       (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS timescaledb;

-- name: migrated
SELECT to_regclass('schema_migrations') IS NOT NULL;

-- name: migrations
SELECT name FROM schema_migrations ORDER BY name;

-- name: keys
SELECT key_id FROM customer_digests GROUP BY key_id;

-- name: counted
SELECT (SELECT count(DISTINCT journey) FROM journey_versions) AS journeys,
       (SELECT count(*) FROM outbox) AS letters,
       (SELECT max(seen_at) FROM stream_ends) AS worker_seen_at;

-- name: rejects_lately
SELECT reason, count(*) AS n FROM rejects WHERE rejected_at > %(since)s GROUP BY reason ORDER BY reason;

-- name: positions
SELECT stream_offsets.log_id, topic, partition, next_offset, end_offset
FROM stream_offsets LEFT JOIN stream_ends USING (log_id, topic, partition)
ORDER BY topic, partition, log_id;
