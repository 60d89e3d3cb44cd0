-- The house. Numbers that are folded are integers: milliseconds, cents, counts; so that what was added can be
-- taken away again, in any order, and leave nothing behind.

CREATE TABLE journey_versions (
    journey     text        NOT NULL,
    version     integer     NOT NULL,
    valid_from  timestamptz NOT NULL,
    definition  jsonb       NOT NULL,
    PRIMARY KEY (journey, version)
);

-- Where each partition of the log has been counted up to. Changes only in the transaction that counts.
CREATE TABLE stream_offsets (
    log_id      text    NOT NULL,
    topic       text    NOT NULL,
    partition   integer NOT NULL,
    next_offset bigint  NOT NULL,
    PRIMARY KEY (log_id, topic, partition)
);

-- Where each partition ends, as its worker last saw it: with stream_offsets, the lag.
CREATE TABLE stream_ends (
    log_id     text        NOT NULL,
    topic      text        NOT NULL,
    partition  integer     NOT NULL,
    end_offset bigint      NOT NULL,
    seen_at    timestamptz NOT NULL,
    PRIMARY KEY (log_id, topic, partition)
);

-- A writer is one partition of one topic. Its id stands in the key of every window row, so that writers never
-- wait for each other's rows.
CREATE TABLE writers (
    writer    smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic     text    NOT NULL,
    partition integer NOT NULL,
    UNIQUE (topic, partition)
);

-- What has been counted. Apart from the events, since a hypertable's unique index would need the time in it.
CREATE TABLE event_keys (
    source   text  NOT NULL,
    event_id text  NOT NULL,
    digest   bytea NOT NULL,
    PRIMARY KEY (source, event_id)
);

CREATE TABLE customers (
    customer_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY
);

CREATE TABLE customer_digests (
    key_id      text   NOT NULL,
    digest      bytea  NOT NULL,
    customer_id bigint NOT NULL,
    PRIMARY KEY (key_id, digest)
);

CREATE TABLE cases (
    case_key        bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    journey         text    NOT NULL,
    case_id         text    NOT NULL,
    revision        integer NOT NULL DEFAULT 0,
    opened_at       timestamptz,
    closed_at       timestamptz,
    last_at         timestamptz,
    last_touchpoint text,
    last_department text,
    UNIQUE (journey, case_id)
);
CREATE INDEX cases_waiting ON cases (journey, last_at) WHERE closed_at IS NULL AND last_at IS NOT NULL;
CREATE INDEX cases_opened  ON cases (journey, opened_at);
CREATE INDEX cases_closed  ON cases (journey, closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE touchpoint_events (
    case_key        bigint      NOT NULL,
    occurred_at     timestamptz NOT NULL,
    started_at      timestamptz,
    source          text        NOT NULL,
    event_id        text        NOT NULL,
    journey_version integer     NOT NULL,
    touchpoint      text        NOT NULL,
    channel         text,
    department      text,
    employee        text,
    persona         text,
    customer_id     bigint,
    cost_cents      bigint,
    voids           text,
    attributes      jsonb
);
CREATE INDEX touchpoint_events_case ON touchpoint_events (case_key, occurred_at);

-- What a figure is about. Windows carry the number, not the words. The empty string stands for 'not given'; in a
-- roll-up, channel and persona are always empty.
CREATE TABLE scopes (
    scope_id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    journey    text NOT NULL,
    measure    text NOT NULL,
    span       text NOT NULL,
    touchpoint text NOT NULL,
    department text NOT NULL,
    channel    text NOT NULL,
    persona    text NOT NULL,
    UNIQUE (journey, measure, span, touchpoint, department, channel, persona)
);

-- Windows by full scope, at three resolutions. `bin` is the histogram's bin (streams/windows.py); a row holds the
-- observations of one bin, so that any sum of rows is a histogram again.
CREATE TABLE windows_minute (
    bucket   timestamptz NOT NULL,
    scope_id integer     NOT NULL,
    bin      integer     NOT NULL,
    writer   smallint    NOT NULL,
    n        bigint      NOT NULL,
    total    numeric     NOT NULL,
    squares  numeric     NOT NULL,
    PRIMARY KEY (scope_id, bucket, bin, writer)
);
CREATE INDEX ON windows_minute USING brin (bucket);
CREATE TABLE windows_hour   (LIKE windows_minute INCLUDING ALL);
CREATE TABLE windows_day    (LIKE windows_minute INCLUDING ALL);

-- The same without channel and persona: what wallboard and metrics read.
CREATE TABLE rollups_minute (LIKE windows_minute INCLUDING ALL);
CREATE TABLE rollups_hour   (LIKE windows_minute INCLUDING ALL);
CREATE TABLE rollups_day    (LIKE windows_minute INCLUDING ALL);

-- How long each resolution is kept, and from when on it is complete: older buckets are skipped, and counted.
CREATE TABLE retention (
    resolution    text PRIMARY KEY,
    keep          interval,
    retained_from timestamptz NOT NULL DEFAULT '0001-01-02 00:00:00+00'
);
INSERT INTO retention (resolution, keep) VALUES ('minute', '35 days'), ('hour', '400 days'), ('day', NULL);
CREATE TABLE skipped_observations (
    resolution text     NOT NULL,
    writer     smallint NOT NULL,
    n          bigint   NOT NULL,
    PRIMARY KEY (resolution, writer)
);

CREATE TABLE rejects (
    reject_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rejected_at timestamptz NOT NULL,
    reason      text        NOT NULL,
    field       text,
    detail      text        NOT NULL,
    topic       text        NOT NULL,
    partition   integer     NOT NULL,
    "offset"    bigint      NOT NULL,
    raw         bytea       NOT NULL
);
CREATE INDEX rejects_age ON rejects (rejected_at);
CREATE TABLE reject_counts (
    reason text   PRIMARY KEY,
    n      bigint NOT NULL
);

-- What is to leave for Kafka. One relay empties it.
CREATE TABLE outbox (
    outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic     text  NOT NULL,
    key       bytea,
    value     bytea NOT NULL
);

-- The shift in time that a log got at its first import, so that a second import of it is the same events again.
CREATE TABLE imports (
    journey  text     NOT NULL,
    digest   bytea    NOT NULL,
    shift    interval NOT NULL,
    PRIMARY KEY (journey, digest)
);
