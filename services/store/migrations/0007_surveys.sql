-- What was answered on an invitation's page, each question once. Written before the answer goes into the log, so that
-- a second answer is refused at once.
CREATE TABLE survey_responses (
    invitation_id text        NOT NULL REFERENCES invitations ON DELETE CASCADE,
    question      text        NOT NULL,
    answered_at   timestamptz NOT NULL,
    PRIMARY KEY (invitation_id, question)
);
CREATE INDEX invitations_open ON invitations (decided_at) WHERE suppressed IS NULL AND answered_at IS NULL;
