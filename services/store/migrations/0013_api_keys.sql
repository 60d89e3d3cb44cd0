-- The keys with which sources send events over HTTP. Of a key's secret only its SHA-256: the secret is 256 random
-- bits, which no guessing finds, so a hash made slow on purpose would add nothing but work for every request.
CREATE TABLE api_keys (
    key_id       text        PRIMARY KEY,
    source       text        NOT NULL,
    digest       bytea       NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz,          -- the hour in which it was last used
    revoked_at   timestamptz
);
