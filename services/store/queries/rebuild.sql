-- What is stored, held against what every case that is kept, observed anew, comes to. All of it in one transaction,
-- whose scratch tables take what does not fit into memory.

-- name: be_the_upkeep
-- For as long as the session lasts: nothing is pruned meanwhile, nothing released, and nothing flagged.
SELECT pg_advisory_lock(hashtext('klantreis upkeep')),
       pg_advisory_lock(hashtext('klantreis release')),
       pg_advisory_lock(hashtext('klantreis flags'));

-- name: hold_counting
-- Claiming its keys is the first thing that a batch locks of what it shares with others. So whoever is past it
-- finishes first, and whoever is not waits with nothing in hand that we could want.
LOCK TABLE event_keys, answer_keys IN EXCLUSIVE MODE;

-- name: kept_from
-- What is before the events that are kept cannot be observed anew. For 'events' it is that moment itself.
SELECT name, GREATEST(retained_from, (SELECT retained_from FROM retention WHERE name = 'events')) AS kept_from
FROM retention WHERE name IN ('minute', 'hour', 'day', 'events');

-- name: number_of_cases
SELECT count(*) AS n, now() AS now FROM cases;

-- name: cases_after
SELECT case_key, journey, case_id, history_dropped, flagged, opened_at, closed_at, last_at, last_touchpoint, last_department,
       journey_version, begun, answered_at, expected, path
FROM cases WHERE case_key > %(after)s ORDER BY case_key LIMIT %(at_most)s;

-- name: scratch_scopes
-- Scopes that only the right rows have get a negative number.
CREATE TEMPORARY TABLE right_scopes ON COMMIT DROP AS SELECT * FROM scopes;

-- name: scopes
SELECT scope_id, journey, measure, span, touchpoint, department, channel, persona, outcome FROM right_scopes;

-- name: copy_scopes
COPY right_scopes (scope_id, journey, measure, span, touchpoint, department, channel, persona, outcome)
FROM STDIN (FORMAT csv, NULL 'null', ESCAPE '\');

-- name: add_scopes
INSERT INTO scopes (journey, measure, span, touchpoint, department, channel, persona, outcome)
SELECT journey, measure, span, touchpoint, department, channel, persona, outcome FROM right_scopes WHERE scope_id < 0;

-- name: scratch_windows
CREATE TEMPORARY TABLE {right} (
    scope_id integer, bucket timestamptz, n bigint, total bigint, squares numeric, bins integer[], counts integer[]
) ON COMMIT DROP;
CREATE TEMPORARY TABLE {differing} (scope_id integer, bucket timestamptz) ON COMMIT DROP;

-- name: copy_windows
COPY {right} (scope_id, bucket, n, total, squares, bins, counts) FROM STDIN (FORMAT csv, NULL 'null', ESCAPE '\');

-- name: compare_windows
-- What is right, less what is stored: nothing may remain, neither of the sums nor of any bin.
INSERT INTO {differing} (scope_id, bucket)
SELECT scope_id, bucket FROM (
    SELECT scope_id, bucket, n, total, squares FROM {right}
    UNION ALL
    SELECT scope_id, bucket, -n, -total, -squares FROM {held} WHERE bucket >= %(kept_from)s
) AS sums
GROUP BY scope_id, bucket HAVING sum(n) <> 0 OR sum(total) <> 0 OR sum(squares) <> 0
UNION
SELECT scope_id, bucket FROM (
    SELECT scope_id, bucket, bin, more FROM {right}, unnest(bins, counts) AS entry (bin, more)
    UNION ALL
    SELECT scope_id, bucket, bin, -less FROM {held}, unnest(bins, counts) AS entry (bin, less)
    WHERE bucket >= %(kept_from)s
) AS entries
GROUP BY scope_id, bucket, bin HAVING sum(more) <> 0;

-- name: spare_limits
-- Limits of cases whose events have gone may fall later than the events that are kept begin.
DELETE FROM {differing} USING right_scopes
WHERE {differing}.scope_id = right_scopes.scope_id AND measure = 'within' AND bucket < %(limits_from)s;

-- name: figures
-- One row for all rows of a scope and a bucket that is `wanted`.
SELECT scope_id, bucket, n, total, squares, coalesce(bins, '{{}}') AS bins, coalesce(counts, '{{}}') AS counts
FROM (
    SELECT scope_id, bucket, sum(n)::bigint AS n, sum(total)::bigint AS total, sum(squares) AS squares
    FROM wanted JOIN {rows} USING (scope_id, bucket)
    GROUP BY scope_id, bucket
) AS sums
LEFT JOIN (
    SELECT scope_id, bucket, array_agg(bin ORDER BY bin) AS bins, array_agg(n ORDER BY bin) AS counts
    FROM (
        SELECT scope_id, bucket, bin, sum(count)::integer AS n
        FROM wanted JOIN {rows} USING (scope_id, bucket), unnest(bins, counts) AS entry (bin, count)
        GROUP BY scope_id, bucket, bin HAVING sum(count) <> 0
    ) AS entries
    GROUP BY scope_id, bucket
) AS histograms USING (scope_id, bucket)

-- name: first_windows
WITH wanted AS (SELECT scope_id, bucket FROM {differing} ORDER BY bucket, scope_id LIMIT %(at_most)s)
SELECT journey, measure, span, touchpoint, department, channel, persona, outcome, bucket,
       held.n AS held_n, held.total AS held_total, held.squares AS held_squares,
       held.bins AS held_bins, held.counts AS held_counts,
       correct.n AS right_n, correct.total AS right_total, correct.squares AS right_squares,
       correct.bins AS right_bins, correct.counts AS right_counts
FROM wanted JOIN right_scopes USING (scope_id)
LEFT JOIN ({held_figures}) AS held USING (scope_id, bucket)
LEFT JOIN ({right_figures}) AS correct USING (scope_id, bucket)
ORDER BY bucket, scope_id;

-- name: clear_windows
DELETE FROM {held} USING {differing} AS differing
WHERE {held}.scope_id = differing.scope_id AND {held}.bucket = differing.bucket;

-- name: fill_windows
WITH wanted AS (SELECT scope_id, bucket FROM {differing})
INSERT INTO {held} (scope_id, bucket, writer, n, total, squares, merged, bins, counts)
SELECT scopes.scope_id, bucket, (SELECT writer FROM writers WHERE topic = ''),
       n, total, squares, cardinality(bins), bins, counts
FROM ({right_figures}) AS correct
JOIN right_scopes USING (scope_id)
JOIN scopes USING (journey, measure, span, touchpoint, department, channel, persona, outcome);

-- name: lot_numbers
SELECT coalesce(max(lot), 0) AS last FROM scores;

-- name: lots_after
SELECT scope_id, max(at) OVER (PARTITION BY lot) AS moment, value FROM scores JOIN right_scopes USING (scope_id)
WHERE lot > %(after)s AND lot <= %(after)s::bigint + %(at_most)s;

-- name: scratch_scores
CREATE TEMPORARY TABLE right_scores (scope_id integer, at timestamptz, value integer) ON COMMIT DROP;
CREATE TEMPORARY TABLE differing_scores (scope_id integer, at timestamptz, value integer, held bigint, correct bigint)
ON COMMIT DROP;

-- name: copy_scores
COPY right_scores (scope_id, at, value) FROM STDIN (FORMAT csv, NULL 'null', ESCAPE '\');

-- name: compare_scores
INSERT INTO differing_scores
SELECT scope_id, at, value, sum(held), sum(correct) FROM (
    SELECT scope_id, at, value, 0 AS held, 1 AS correct FROM right_scores
    UNION ALL
    SELECT scope_id, at, value, 1, 0 FROM scores WHERE at >= %(kept_from)s
    UNION ALL
    SELECT scope_id, at, value, count, 0 FROM score_changes WHERE at >= %(kept_from)s
) AS both_sides
GROUP BY scope_id, at, value HAVING sum(held) <> sum(correct);

-- name: first_scores
SELECT coalesce(journey, 'a scope that is gone') AS journey, coalesce(measure, 'scores') AS measure,
       span, touchpoint, department, channel, persona, outcome, at, value, held, correct
FROM differing_scores LEFT JOIN right_scopes USING (scope_id)
ORDER BY at, scope_id, value LIMIT %(at_most)s;

-- name: forget_scores
DELETE FROM {scores} WHERE scope_id NOT IN (SELECT scope_id FROM scopes);

-- name: replace_scores
-- As if a batch had just changed them: they get into their lots like all others.
INSERT INTO score_changes (scope_id, at, value, count)
SELECT scopes.scope_id, at, value, correct - held
FROM differing_scores
JOIN right_scopes USING (scope_id)
JOIN scopes USING (journey, measure, span, touchpoint, department, channel, persona, outcome);

-- name: scratch_case_hours
CREATE TEMPORARY TABLE right_case_hours (journey text, opened_in timestamptz, opened bigint, closed bigint)
ON COMMIT DROP;
CREATE TEMPORARY TABLE differing_case_hours (
    journey text, opened_in timestamptz, held_opened bigint, held_closed bigint, opened bigint, closed bigint
) ON COMMIT DROP;

-- name: copy_case_hours
COPY right_case_hours (journey, opened_in, opened, closed) FROM STDIN (FORMAT csv, NULL 'null', ESCAPE '\');

-- name: compare_case_hours
INSERT INTO differing_case_hours
SELECT journey, opened_in,
       coalesce(held.opened, 0), coalesce(held.closed, 0), coalesce(correct.opened, 0), coalesce(correct.closed, 0)
FROM (
    SELECT journey, opened_in, sum(opened) AS opened, sum(closed) AS closed
    FROM case_hours GROUP BY journey, opened_in
) AS held
FULL JOIN (
    SELECT journey, opened_in, sum(opened) AS opened, sum(closed) AS closed
    FROM right_case_hours GROUP BY journey, opened_in
) AS correct USING (journey, opened_in)
WHERE coalesce(held.opened, 0) <> coalesce(correct.opened, 0)
   OR coalesce(held.closed, 0) <> coalesce(correct.closed, 0);

-- name: first_case_hours
SELECT * FROM differing_case_hours ORDER BY opened_in, journey LIMIT %(at_most)s;

-- name: clear_case_hours
DELETE FROM case_hours USING differing_case_hours AS differing
WHERE case_hours.journey = differing.journey AND case_hours.opened_in = differing.opened_in;

-- name: fill_case_hours
INSERT INTO case_hours (journey, opened_in, writer, opened, closed)
SELECT journey, opened_in, (SELECT writer FROM writers WHERE topic = ''), opened, closed
FROM differing_case_hours WHERE opened <> 0 OR closed <> 0;
