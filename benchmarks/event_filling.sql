-- The events of filling.visits, and their keys; {event_id} makes an id of `chance`, which is hexadecimal.

INSERT INTO touchpoint_events (case_key, occurred_at, source, event_id, journey_version, touchpoint, channel,
                               department, persona, customer_id, cost_cents)
SELECT number, occurred_at, {source}, {event_id}, 1, ({touchpoints}::text[])[step], channel,
       department, persona, customer_id, random(500, 10000)
FROM (SELECT *, md5(number || ':' || step) AS chance FROM filling.visits) AS visits
JOIN filling.offices USING (office)
JOIN filling.personas USING (person);

INSERT INTO event_keys (source, event_id, digest)
SELECT source, event_id, md5(event_id)::uuid FROM touchpoint_events;
