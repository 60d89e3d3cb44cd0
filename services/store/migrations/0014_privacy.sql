-- Erasing a customer: what it was called goes, what was counted stays.

-- Events and answers that were counted, and cases, of customers that were erased: keyed digests of what they were called,
-- so that what comes again is still a repeat, and what comes late is refused.
CREATE TABLE tombstones (
    digest    uuid        PRIMARY KEY,
    erased_at timestamptz NOT NULL
);
CREATE INDEX tombstones_age ON tombstones (erased_at);
INSERT INTO retention (name, keep) VALUES ('tombstones', NULL);

-- What each erasure did, in numbers.
CREATE TABLE erasures (
    erasure_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    asked_by   text        NOT NULL,
    report     jsonb       NOT NULL
);

-- For figures by employee, which windows do not hold. Events come nearly in the order of their moments.
CREATE INDEX touchpoint_events_moment ON touchpoint_events USING brin (occurred_at);

-- Nothing more will come of such a case.
ALTER TABLE cases ADD COLUMN erased boolean NOT NULL DEFAULT false;
