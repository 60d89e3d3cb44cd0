-- What customers said by who handled it. Windows know no employees, so this comes from what each customer said.

-- name: shown
-- The scores of a department in the lots that were shown in a time, by where they belong.
WITH own AS (
    SELECT scope_id, touchpoint, channel, persona FROM scopes
    WHERE journey = %(journey)s AND measure = %(measure)s AND department = %(department)s AND touchpoint <> ''
), lots AS (
    SELECT lot FROM scores JOIN own USING (scope_id)
    WHERE lot IS NOT NULL GROUP BY lot HAVING max(at) >= %(start)s AND max(at) < %(end)s
)
SELECT touchpoint, channel, persona, at, value, count(*) AS n
FROM scores JOIN lots USING (lot) JOIN own USING (scope_id)
GROUP BY touchpoint, channel, persona, at, value;

-- name: answers
-- Each answer with who handled the visit that it is about: the last one before it, else the first one after it
-- (streams/timeline.py).
SELECT a.journey_version, a.question, a.score, a.answered_at, a.touchpoint, met.channel, met.persona, met.employee
FROM survey_answers a JOIN cases c USING (case_key)
CROSS JOIN LATERAL (
    SELECT coalesce(e.department, '') AS department, coalesce(e.channel, '') AS channel,
           coalesce(e.persona, '') AS persona, coalesce(e.employee, '') AS employee
    FROM touchpoint_events e CROSS JOIN LATERAL (SELECT e.occurred_at <= a.answered_at AS before) AS at
    WHERE e.case_key = a.case_key AND e.touchpoint = a.touchpoint AND e.voids IS NULL
      AND NOT EXISTS (
          SELECT FROM touchpoint_events v
          WHERE v.case_key = e.case_key AND v.source = e.source AND v.voids = e.event_id
      )
    ORDER BY before DESC,
             CASE WHEN before THEN e.occurred_at END DESC,
             CASE WHEN before THEN e.source END COLLATE "C" DESC,
             CASE WHEN before THEN e.event_id END COLLATE "C" DESC,
             e.occurred_at, e.source COLLATE "C", e.event_id COLLATE "C"
    LIMIT 1
) AS met
WHERE c.journey = %(journey)s AND a.score IS NOT NULL
  AND a.answered_at >= %(first)s AND a.answered_at <= %(last)s AND met.department = %(department)s
ORDER BY a.case_key, a.source COLLATE "C", a.answer_id COLLATE "C";
