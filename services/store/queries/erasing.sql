-- Erasing a customer, in the order in which batches lock: event keys, cases, customers. Windows are left alone.

-- name: standing
-- What a batch has to know of erasures. While a batch holds keys that it has claimed, none begins.
SELECT coalesce((SELECT max(erasure_id) FROM erasures), 0)::bigint AS last,
       EXISTS (SELECT FROM tombstones) AS any;

-- name: found_tombstones
SELECT DISTINCT place FROM unnest(%(places)s::integer[], %(digests)s::uuid[]) AS sought (place, digest)
JOIN tombstones USING (digest);

-- name: add_tombstones
INSERT INTO tombstones (digest, erased_at)
SELECT digest, %(now)s FROM unnest(%(digests)s::uuid[]) AS digest
ON CONFLICT DO NOTHING;

-- name: customers_of
SELECT DISTINCT customer_id FROM customer_digests
WHERE (key_id, digest) IN (
    SELECT key_id, decode(digest, 'hex') FROM json_to_recordset(%(rows)s::json) AS known (key_id text, digest text)
);

-- name: cases_of
SELECT case_key FROM touchpoint_events WHERE customer_id = ANY(%(customer_ids)s)
UNION
SELECT case_key FROM survey_answers WHERE customer_id = ANY(%(customer_ids)s)
UNION
SELECT case_key FROM invitations WHERE customer_id = ANY(%(customer_ids)s);

-- name: cases_named
SELECT case_key FROM cases
WHERE (journey, case_id) IN (SELECT * FROM json_to_recordset(%(rows)s::json) AS named (journey text, case_id text));

-- name: lock_cases
SELECT case_key, journey, case_id, closed_at FROM cases
WHERE case_key = ANY(%(case_keys)s) AND NOT erased
ORDER BY journey, case_id
FOR UPDATE;

-- name: keys_of_events
SELECT source, event_id FROM touchpoint_events WHERE case_key = ANY(%(case_keys)s);

-- name: keys_of_answers
SELECT source, answer_id FROM survey_answers WHERE case_key = ANY(%(case_keys)s);

-- name: others
-- Customers beside the one that is erased, of whom something lies in these cases.
SELECT count(DISTINCT customer_id) AS n FROM (
    SELECT customer_id FROM touchpoint_events WHERE case_key = ANY(%(case_keys)s)
    UNION ALL
    SELECT customer_id FROM survey_answers WHERE case_key = ANY(%(case_keys)s)
) AS named
WHERE customer_id <> ALL(%(customer_ids)s);

-- name: lock_customers
SELECT FROM customers WHERE customer_id = ANY(%(customer_ids)s) ORDER BY customer_id FOR UPDATE;

-- name: drop_words
DELETE FROM answer_texts
WHERE (source, answer_id) IN (SELECT source, answer_id FROM survey_answers WHERE case_key = ANY(%(case_keys)s));

-- name: drop_responses
DELETE FROM survey_responses
WHERE invitation_id IN (SELECT invitation_id FROM invitations WHERE case_key = ANY(%(case_keys)s));

-- name: blank_invitations
-- Who was asked, and whether they answered, still counts. The link that was sent leads nowhere.
UPDATE invitations SET
    invitation_id = 'erased-' || gen_random_uuid(),
    event_id = 'erased-' || gen_random_uuid(),
    customer_id = CASE WHEN invitations.customer_id IS NOT NULL THEN blank.customer_id END
FROM json_to_recordset(%(rows)s::json) AS blank (case_key bigint, customer_id bigint)
WHERE invitations.case_key = blank.case_key;

-- name: blank_visits
-- Visits of one moment are told apart by the order of their ids (streams/timeline.py), which therefore stays as it was;
-- and what was taken back stays taken back.
WITH blank AS (
    SELECT * FROM json_to_recordset(%(rows)s::json) AS blank (case_key bigint, customer_id bigint)
), named AS MATERIALIZED (
    SELECT case_key, source, event_id, voids, blank.customer_id,
           'erased-' || lpad((row_number() OVER (PARTITION BY case_key, source ORDER BY event_id COLLATE "C"))::text, 8, '0')
               || '-' || gen_random_uuid() AS new_id
    FROM touchpoint_events JOIN blank USING (case_key)
)
UPDATE touchpoint_events SET
    event_id = named.new_id,
    voids = CASE WHEN named.voids IS NOT NULL THEN coalesce(taken_back.new_id, 'erased') END,
    customer_id = CASE WHEN touchpoint_events.customer_id IS NOT NULL THEN named.customer_id END,
    attributes = CASE WHEN attributes ->> 'about' = ANY(%(touchpoints)s)
                      THEN jsonb_build_object('about', attributes ->> 'about') END
FROM named
LEFT JOIN named AS taken_back
    ON taken_back.case_key = named.case_key AND taken_back.source = named.source AND taken_back.event_id = named.voids
WHERE touchpoint_events.case_key = named.case_key AND touchpoint_events.source = named.source
  AND touchpoint_events.event_id = named.event_id;

-- name: blank_answers
UPDATE survey_answers SET
    answer_id = 'erased-' || gen_random_uuid(),
    invitation_id = NULL,
    customer_id = CASE WHEN survey_answers.customer_id IS NOT NULL THEN blank.customer_id END
FROM json_to_recordset(%(rows)s::json) AS blank (case_key bigint, customer_id bigint)
WHERE survey_answers.case_key = blank.case_key;

-- name: clear_flags
UPDATE case_flags SET cleared_at = %(now)s WHERE case_key = ANY(%(case_keys)s) AND cleared_at IS NULL;

-- name: blank_cases
UPDATE cases SET case_id = blank.case_id, erased = true, overdue_from = NULL, flagged = false
FROM json_to_recordset(%(rows)s::json) AS blank (case_key bigint, case_id text)
WHERE cases.case_key = blank.case_key;

-- name: drop_digests
DELETE FROM customer_digests WHERE customer_id = ANY(%(customer_ids)s);

-- name: drop_customers
DELETE FROM customers WHERE customer_id = ANY(%(customer_ids)s);

-- name: rejects_after
SELECT reject_id, topic, partition, "offset", raw FROM rejects WHERE reject_id > %(after)s ORDER BY reject_id;

-- name: drop_rejects
DELETE FROM rejects WHERE reject_id = ANY(%(reject_ids)s);

-- name: letters
SELECT outbox_id, topic, value FROM outbox;

-- name: drop_letters
DELETE FROM outbox WHERE outbox_id = ANY(%(outbox_ids)s);

-- name: next_erasure
SELECT nextval('erasures_erasure_id_seq');

-- name: note_erasure
INSERT INTO erasures (erasure_id, at, asked_by, report) OVERRIDING SYSTEM VALUE
VALUES (%(erasure_id)s, %(at)s, %(asked_by)s, %(report)s);
