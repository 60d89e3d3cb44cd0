-- What the survey page reads and writes.

-- name: invitation
SELECT i.invitation_id, c.journey, c.case_id, i.touchpoint, i.questions, i.decided_at,
       coalesce((SELECT array_agg(r.question) FROM survey_responses r WHERE r.invitation_id = i.invitation_id), '{}')
           AS answered
FROM invitations i JOIN cases c USING (case_key)
WHERE i.invitation_id = %(invitation_id)s AND i.suppressed IS NULL AND NOT c.erased;

-- name: respond
INSERT INTO survey_responses (invitation_id, question, answered_at)
VALUES (%(invitation_id)s, %(question)s, %(now)s)
ON CONFLICT DO NOTHING;
