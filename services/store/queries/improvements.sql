-- The improvements of journeys, and every revision of them.

-- name: add
WITH added AS (
    INSERT INTO improvements (journey, touchpoint, what_nl, what_en, owner, measure, span, direction, size, planned_week,
                              done_on, settles_weeks, written_at, written_by)
    VALUES (%(journey)s, %(touchpoint)s, %(what_nl)s, %(what_en)s, %(owner)s, %(measure)s, %(span)s, %(direction)s,
            %(size)s, %(planned_week)s, %(done_on)s, %(settles_weeks)s, %(now)s, %(by)s)
    RETURNING improvement_id, revision
)
INSERT INTO improvement_revisions (improvement_id, revision, at, by, note, withdrawn, proposal)
SELECT improvement_id, revision, %(now)s, %(by)s, %(note)s, false, %(proposal)s::jsonb FROM added
RETURNING improvement_id;

-- name: change
WITH changed AS (
    UPDATE improvements SET
        revision = revision + 1, touchpoint = %(touchpoint)s, what_nl = %(what_nl)s, what_en = %(what_en)s,
        owner = %(owner)s, measure = %(measure)s, span = %(span)s, direction = %(direction)s, size = %(size)s,
        planned_week = %(planned_week)s, done_on = %(done_on)s, settles_weeks = %(settles_weeks)s
    WHERE journey = %(journey)s AND improvement_id = %(id)s AND revision = %(revision)s AND withdrawn_at IS NULL
    RETURNING improvement_id, revision
)
INSERT INTO improvement_revisions (improvement_id, revision, at, by, note, withdrawn, proposal)
SELECT improvement_id, revision, %(now)s, %(by)s, %(note)s, false, %(proposal)s::jsonb FROM changed;

-- name: withdraw
WITH withdrawn AS (
    UPDATE improvements SET revision = revision + 1, withdrawn_at = %(now)s, withdrawn_by = %(by)s
    WHERE journey = %(journey)s AND improvement_id = %(id)s AND revision = %(revision)s AND withdrawn_at IS NULL
    RETURNING improvement_id, revision
)
INSERT INTO improvement_revisions (improvement_id, revision, at, by, note, withdrawn, proposal)
SELECT improvement_id, withdrawn.revision, %(now)s, %(by)s, %(note)s, true, before.proposal
FROM withdrawn JOIN improvement_revisions AS before USING (improvement_id)
WHERE before.revision = withdrawn.revision - 1;

-- name: improvements
-- All of a journey, or the one of a number.
SELECT improvement_id AS id, journey, revision, touchpoint, what_nl, what_en, owner, measure, span, direction, size,
       planned_week, done_on, settles_weeks, written_at, written_by, withdrawn_at, withdrawn_by
FROM improvements
WHERE journey = %(journey)s AND (%(id)s::bigint IS NULL OR improvement_id = %(id)s)
ORDER BY improvement_id;

-- name: revisions
-- Of all of a journey, or of the one of a number; oldest first.
SELECT improvement_id AS id, held.revision, at, by, note, withdrawn, proposal
FROM improvement_revisions AS held JOIN improvements USING (improvement_id)
WHERE journey = %(journey)s AND (%(id)s::bigint IS NULL OR improvement_id = %(id)s)
ORDER BY improvement_id, held.revision;
