-- The keys of sources.

-- name: add_key
INSERT INTO api_keys (key_id, source, digest, created_at) VALUES (%(key_id)s, %(source)s, %(digest)s, %(now)s);

-- name: keys
SELECT key_id, source, created_at, last_used_at, revoked_at FROM api_keys ORDER BY source, created_at, key_id;

-- name: revoke_key
UPDATE api_keys SET revoked_at = %(now)s WHERE key_id = %(key_id)s AND revoked_at IS NULL;

-- name: good_keys
SELECT key_id, source, digest FROM api_keys WHERE revoked_at IS NULL;

-- name: note_use
UPDATE api_keys SET last_used_at = %(hour)s
WHERE key_id = %(key_id)s AND (last_used_at IS NULL OR last_used_at < %(hour)s);
