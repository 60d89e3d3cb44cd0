-- Where the time went: what is kept by the day of steps, and of the work of departments.

-- name: times
-- What was measured of each step from one touchpoint right to the next; a case's first step comes after ''.
SELECT s.span, s.touchpoint, s.measure, sum(w.n)::bigint AS n, sum(w.total)::bigint AS total
FROM scopes s JOIN {windows} w USING (scope_id)
WHERE s.journey = %(journey)s AND s.measure = ANY(%(measures)s) AND w.bucket >= %(start)s AND w.bucket < %(end)s
  AND {of_whom}
GROUP BY s.span, s.touchpoint, s.measure HAVING sum(w.n) <> 0;
