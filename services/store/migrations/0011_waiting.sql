-- What cases wait for (streams/waiting.py), and which of them have been flagged for waiting too long.

-- `overdue_from` is never later than the moment from which something of the case is overdue. It is moved forward only
-- by who looks for cases that are overdue: so hardly any event changes it, and with it every index of the table.
ALTER TABLE cases
    ADD COLUMN expected     json,
    ADD COLUMN overdue_from timestamptz,
    ADD COLUMN flagged      boolean NOT NULL DEFAULT false; -- ever: then its flags are looked at with each event
CREATE INDEX cases_overdue ON cases (overdue_from) WHERE overdue_from IS NOT NULL;

-- A row for each thing that a case was flagged for, once. `corrected`: it never was overdue, as it turned out.
CREATE TABLE case_flags (
    flag_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_key   bigint      NOT NULL,
    journey    text        NOT NULL,
    kind       text        NOT NULL,
    touchpoint text        NOT NULL,
    after      text        NOT NULL,
    since      timestamptz NOT NULL,
    due_at     timestamptz NOT NULL,
    flagged_at timestamptz NOT NULL,
    cleared_at timestamptz,
    corrected  boolean     NOT NULL DEFAULT false,
    UNIQUE (case_key, kind, touchpoint, after, since)
);
CREATE INDEX case_flags_open ON case_flags (journey, due_at, flag_id) INCLUDE (kind, touchpoint)
WHERE cleared_at IS NULL;
