-- What the worker would have left of cases that were counted before: events, their keys, cases, windows at three
-- resolutions. Cases begin evenly over the time; one in fifty is still open. filling.py puts in what stands in braces,
-- and takes the indexes away meanwhile.

SET LOCAL TIME ZONE 'UTC';
SET LOCAL work_mem = '256MB';
SELECT setseed(0.2611);

CREATE SCHEMA filling;
INSERT INTO writers (topic, partition)
SELECT {topic}, partition FROM generate_series(0, {partitions} - 1) AS partition ON CONFLICT DO NOTHING;

-- What an office and a persona have in common, by number: their scopes, fine and rolled up.
CREATE UNLOGGED TABLE filling.offices AS
SELECT * FROM unnest({departments}::text[], {channels}::text[]) WITH ORDINALITY AS office (department, channel, office);
CREATE UNLOGGED TABLE filling.personas AS
SELECT * FROM unnest({personas}::text[]) WITH ORDINALITY AS persona (persona, person);
CREATE UNLOGGED TABLE filling.kinds AS
SELECT touchpoint, step, kind, measure, CASE WHEN kind < 3 THEN '' WHEN step = 3 THEN {span} ELSE 'case' END AS span
FROM unnest({touchpoints}::text[]) WITH ORDINALITY AS touchpoint (touchpoint, step)
CROSS JOIN (VALUES (1, 'volume', 1), (2, 'gap', 2), (3, 'throughput', 3)) AS kind (kind, measure, first_step)
WHERE step >= first_step;

INSERT INTO scopes (journey, measure, span, touchpoint, department, channel, persona)
SELECT {journey}, measure, span, touchpoint, department, channel, persona
FROM filling.kinds, filling.offices, filling.personas
UNION
SELECT {journey}, measure, span, touchpoint, department, '', '' FROM filling.kinds, filling.offices;
CREATE UNLOGGED TABLE filling.scopes AS
SELECT step, kind, office, person, fine.scope_id AS windows, rough.scope_id AS rollups
FROM filling.kinds
CROSS JOIN filling.offices
CROSS JOIN filling.personas
JOIN scopes AS fine USING (measure, span, touchpoint, department, channel, persona)
JOIN scopes AS rough USING (measure, span, touchpoint, department)
WHERE rough.channel = '' AND rough.persona = '';
ANALYZE filling.scopes;

-- A case a row: when it began, its three gaps in milliseconds, how many touchpoints it has seen.
CREATE UNLOGGED TABLE filling.drawn AS
SELECT number, office, person, customer_id, writer, gap2, gap3, gap4,
       date_trunc('milliseconds', {begins}::timestamptz + {step}::interval * number) AS opened_at,
       CASE WHEN number % 50 = 0 THEN 3 ELSE 4 END AS steps
FROM (
    SELECT number, number % {partitions} AS partition,
           random(1, cardinality({departments}::text[])) AS office,
           random(1, cardinality({personas}::text[])) AS person,
           random(1, {customers}) AS customer_id,
           least(exp(random_normal(ln(300000), 1.2)), 7200000)::integer AS gap2,
           least(exp(random_normal(ln(300000), 1.2)), 7200000)::integer AS gap3,
           least(exp(random_normal(ln(300000), 1.2)), 7200000)::integer AS gap4
    FROM generate_series(1, {cases}) AS number
) AS numbered
JOIN writers USING (partition)
WHERE topic = {topic};

INSERT INTO cases (case_key, journey, case_id, opened_at, closed_at, last_at, last_touchpoint, last_department,
                   journey_version, begun)
OVERRIDING SYSTEM VALUE
SELECT number, {journey}, 'V-' || lpad(number::text, 8, '0'), opened_at,
       CASE WHEN steps = 4 THEN opened_at + (gap2 + gap3 + gap4) * interval '1 millisecond' END,
       opened_at + (gap2 + gap3 + CASE WHEN steps = 4 THEN gap4 ELSE 0 END) * interval '1 millisecond',
       ({touchpoints}::text[])[steps], department, 1, json_build_object({span}, NULL)
FROM filling.drawn JOIN filling.offices USING (office);
SELECT setval(pg_get_serial_sequence('cases', 'case_key'), {cases});

INSERT INTO case_hours (journey, opened_in, writer, opened, closed)
SELECT {journey}, date_trunc('hour', opened_at, {zone}), writer, count(*), count(*) FILTER (WHERE steps = 4)
FROM filling.drawn GROUP BY 2, 3;

CREATE UNLOGGED TABLE filling.visits AS
SELECT number, writer, step, office, person, customer_id, gap, since,
       opened_at + since * interval '1 millisecond' AS occurred_at
FROM filling.drawn
CROSS JOIN LATERAL (VALUES (1, 0, NULL), (2, gap2, gap2), (3, gap2 + gap3, gap3), (4, gap2 + gap3 + gap4, gap4))
    AS visit (step, since, gap)
WHERE step <= steps;

CREATE UNLOGGED TABLE filling.observations AS
SELECT windows, rollups, date_trunc('minute', occurred_at) AS bucket, writer, value,
       CASE WHEN kind > 1 THEN 1 + ceil(ln(value::double precision) / {log_gamma})::integer END AS bin
FROM filling.visits
CROSS JOIN LATERAL (VALUES (1, 1), (2, gap), (3, CASE WHEN step > 2 THEN since END)) AS observed (kind, value)
JOIN filling.scopes USING (step, kind, office, person)
WHERE value IS NOT NULL;

-- What windows are summed from: a row an observation, or all of an hour in one bin.
CREATE VIEW filling.minutes AS
SELECT windows, rollups, bucket, writer, bin, 1 AS n, value AS total, value::bigint * value AS squares
FROM filling.observations;
CREATE UNLOGGED TABLE filling.hours AS
SELECT windows, rollups, date_trunc('hour', bucket) AS bucket, writer, bin,
       sum(n)::integer AS n, sum(total) AS total, sum(squares)::bigint AS squares
FROM filling.minutes GROUP BY 1, 2, 3, 4, 5;
ANALYZE filling.observations, filling.hours;
