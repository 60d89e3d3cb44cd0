-- What ideals and importance are held against.

-- name: said
SELECT a.case_key, a.touchpoint, a.journey_version, a.question, a.score, a.answered_at
FROM survey_answers a JOIN cases c USING (case_key)
WHERE c.journey = %(journey)s AND a.score IS NOT NULL AND a.touchpoint IS NOT NULL
  AND a.answered_at >= %(start)s AND a.answered_at < %(end)s;

-- name: gaps
-- How long gaps before touchpoints were, by persona, whoever handled them.
SELECT touchpoint, persona, bin, sum(count)::bigint AS n
FROM (
    SELECT s.touchpoint, s.persona, unnest(w.bins) AS bin, unnest(w.counts) AS count
    FROM scopes s JOIN {windows} w USING (scope_id)
    WHERE s.journey = %(journey)s AND s.measure = 'gap' AND w.bucket >= %(start)s AND w.bucket < %(end)s
) AS held
GROUP BY touchpoint, persona, bin HAVING sum(count) <> 0;
