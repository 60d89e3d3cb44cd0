-- Scores on their way into lots: what batches have changed in them, and what is held of each scope.

-- name: store_changes
COPY score_changes (scope_id, at, value, count) FROM STDIN (FORMAT csv, NULL 'null', ESCAPE '\');

-- name: be_the_releaser
-- One that has been stopped must not keep the others from it.
SELECT pg_try_advisory_xact_lock(hashtext('klantreis release')) AS locked,
       set_config('idle_in_transaction_session_timeout', '10s', true);

-- name: take_changes
-- What is added comes before what takes it back: who takes back has waited for the case.
WITH taken AS (
    DELETE FROM score_changes
    WHERE change_id IN (SELECT change_id FROM score_changes ORDER BY change_id LIMIT %(at_most)s)
    RETURNING scope_id, at, value, count
)
SELECT scope_id, at, value, sum(count)::integer FROM taken GROUP BY scope_id, at, value;

-- name: scopes
SELECT scope_id, journey, measure, span, touchpoint, department, channel, persona, outcome FROM scopes
WHERE scope_id = ANY(%(scope_ids)s);

-- name: waiting
SELECT scope_id, at, value, shown FROM scores WHERE lot IS NULL AND scope_id = ANY(%(scope_ids)s);

-- name: lots_with
SELECT scope_id, lot, at, value FROM scores
WHERE lot IN (
    SELECT lot
    FROM json_to_recordset(%(rows)s::json) AS taken_back (scope_id integer, at timestamptz, value integer)
    JOIN scores USING (scope_id, at, value)
);

-- name: new_lots
SELECT nextval('lot_numbers') FROM generate_series(1, %(n)s);

-- name: clear
DELETE FROM scores WHERE lot = ANY(%(taken_back)s) OR (lot IS NULL AND scope_id = ANY(%(scope_ids)s));

-- name: store_scores
COPY scores (scope_id, at, value, shown, lot) FROM STDIN (FORMAT csv, NULL 'null', ESCAPE '\');

-- name: releaser
SELECT writer FROM writers WHERE topic = 'released scores';
