-- What was decided about asking a customer after a touchpoint that asks: a row for each passage, invited or not.
CREATE TABLE invitations (
    invitation_id   text        PRIMARY KEY,
    case_key        bigint      NOT NULL,
    source          text        NOT NULL,
    event_id        text        NOT NULL,
    journey_version integer     NOT NULL,
    touchpoint      text        NOT NULL,
    customer_id     bigint,
    decided_at      timestamptz NOT NULL,
    suppressed      text,       -- why nobody was invited; null if the customer was
    questions       text[]      NOT NULL,
    answered_at     timestamptz -- when the first answer was given
);
CREATE INDEX invitations_customer ON invitations (customer_id, decided_at) WHERE suppressed IS NULL;
CREATE INDEX invitations_case ON invitations (case_key);
