-- KPIs: which of them are due to be judged, where each stands, and every change of that.

-- What batches have touched, for the one who calls for checks: the earliest hour that changed.
CREATE TABLE kpi_marks (
    journey text        NOT NULL,
    kpi     text        NOT NULL,
    since   timestamptz NOT NULL
);

-- Written by compare-and-set on `revision`, by whoever calls for a check and by whoever judges.
CREATE TABLE kpi_states (
    journey      text    NOT NULL,
    kpi          text    NOT NULL,
    revision     bigint  NOT NULL DEFAULT 0,
    called_at    timestamptz,          -- when a check was last called for
    refold_from  timestamptz,          -- the earliest hour that changed since it was judged; null: none
    definition   uuid,                 -- what it was judged as; null: not judged yet
    begins       timestamptz,          -- from when on it is defined so; null: since ever
    below        boolean NOT NULL DEFAULT false,
    since        timestamptz,          -- the hour that brought the last change; null: there was none
    threshold    integer,              -- thousandths, as is `level`
    baseline_end timestamptz,          -- to when answers make the threshold
    threshold_at timestamptz,          -- when it was found
    stale        boolean NOT NULL DEFAULT false, -- answers have come since that make it
    judged_at    timestamptz,
    state        text,
    level        bigint,
    recent       bigint,               -- values of the last quarter
    told_at      timestamptz,          -- since when the alert that stands is heard; null: there is none, or it waits
    shown_since  timestamptz,          -- what is shown beside the state
    shown_n      bigint,
    shown_value  numeric,
    PRIMARY KEY (journey, kpi)
) WITH (fillfactor = 70);

CREATE TABLE kpi_changes (
    change_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    journey      text        NOT NULL,
    kpi          text        NOT NULL,
    definition   uuid        NOT NULL,
    at           timestamptz NOT NULL, -- the hour that brought it
    below        boolean     NOT NULL, -- the alarm was raised; else it was taken off
    climb_from   timestamptz NOT NULL, -- the hour in which the evidence for it began to gather
    threshold    integer     NOT NULL,
    decided_at   timestamptz NOT NULL,
    told_at      timestamptz,          -- when an alert about it left
    corrected_at timestamptz,          -- when values that came late showed that it came at another hour, or not at all
    withdrawn    boolean     NOT NULL DEFAULT false -- not at all
);
CREATE INDEX kpi_changes_of ON kpi_changes (journey, kpi, at) WHERE NOT withdrawn;

-- Every state that was said of a KPI, by when it was said.
CREATE TABLE kpi_transitions (
    journey text        NOT NULL,
    kpi     text        NOT NULL,
    at      timestamptz NOT NULL,
    state   text        NOT NULL,
    PRIMARY KEY (journey, kpi, at)
);

-- Who has taken notice of an alert, and what they said.
CREATE TABLE kpi_acknowledgements (
    journey         text        NOT NULL,
    kpi             text        NOT NULL,
    told_at         timestamptz NOT NULL, -- the alert, by since when it is heard
    acknowledged_at timestamptz NOT NULL,
    by              text        NOT NULL,
    note            text        NOT NULL,
    PRIMARY KEY (journey, kpi, told_at)
);
