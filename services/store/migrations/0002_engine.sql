-- The engine: histograms within their window row, progress within the case, answers beside visits.

-- A window row holds its histogram as two arrays of one length: bins, and how many observations each counts. A batch
-- appends to them, so a bin may stand there several times; the first `merged` entries are sorted, each bin once.
-- Touchpoint volume, whose every value is 1, has no bins.
ALTER TABLE windows_minute RENAME TO old_windows_minute;
ALTER TABLE windows_hour   RENAME TO old_windows_hour;
ALTER TABLE windows_day    RENAME TO old_windows_day;
ALTER TABLE rollups_minute RENAME TO old_rollups_minute;
ALTER TABLE rollups_hour   RENAME TO old_rollups_hour;
ALTER TABLE rollups_day    RENAME TO old_rollups_day;

CREATE TABLE windows_minute (
    scope_id integer     NOT NULL,
    bucket   timestamptz NOT NULL,
    writer   smallint    NOT NULL,
    n        bigint      NOT NULL,
    total    bigint      NOT NULL,
    squares  numeric     NOT NULL,
    merged   smallint    NOT NULL,
    bins     integer[]   NOT NULL,
    counts   integer[]   NOT NULL,
    CONSTRAINT windows_minute_key PRIMARY KEY (scope_id, bucket, writer)
) WITH (fillfactor = 80, toast_tuple_target = 8160);
ALTER TABLE windows_minute ALTER COLUMN bins SET STORAGE EXTERNAL, ALTER COLUMN counts SET STORAGE EXTERNAL;
CREATE INDEX windows_minute_bucket ON windows_minute USING brin (bucket);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['windows_hour', 'windows_day', 'rollups_minute', 'rollups_hour', 'rollups_day'] LOOP
        EXECUTE format('CREATE TABLE %I (LIKE windows_minute INCLUDING STORAGE) '
                       'WITH (fillfactor = 80, toast_tuple_target = 8160)', name);
        EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I PRIMARY KEY (scope_id, bucket, writer)', name, name || '_key');
        EXECUTE format('CREATE INDEX %I ON %I USING brin (bucket)', name || '_bucket', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['windows_minute', 'windows_hour', 'windows_day',
                                'rollups_minute', 'rollups_hour', 'rollups_day'] LOOP
        EXECUTE format($move$
            INSERT INTO %I (scope_id, bucket, writer, n, total, squares, merged, bins, counts)
            SELECT scope_id, bucket, writer, sum(n), sum(total), sum(squares),
                   count(*) FILTER (WHERE measure <> 'volume' AND n <> 0),
                   coalesce(array_agg(bin ORDER BY bin) FILTER (WHERE measure <> 'volume' AND n <> 0), '{}'),
                   coalesce(array_agg(n::integer ORDER BY bin) FILTER (WHERE measure <> 'volume' AND n <> 0), '{}')
            FROM %I JOIN scopes USING (scope_id)
            GROUP BY scope_id, bucket, writer$move$, name, 'old_' || name);
        EXECUTE format('DROP TABLE %I', 'old_' || name);
    END LOOP;
END $$;

-- What must be known of a case to count its next visit in order without reading the ones before it
-- (streams/progress.py). No journey_version: the next visit has to read them.
ALTER TABLE cases
    DROP COLUMN revision,
    ADD COLUMN journey_version integer,
    ADD COLUMN begun           json,
    ADD COLUMN answered_at     timestamptz,
    ADD COLUMN last_day        timestamp GENERATED ALWAYS AS (date_trunc('day', last_at AT TIME ZONE 'UTC')) STORED,
    SET (fillfactor = 60);

-- An index on last_at would have every event of a case change every index of the table. By days the order is the
-- same, once each day is sorted, and an update that stays within its day leaves all indexes alone.
DROP INDEX cases_waiting;
CREATE INDEX cases_waiting ON cases (journey, last_day) WHERE closed_at IS NULL AND last_day IS NOT NULL;

-- How many cases were opened in each hour, and how many of those are closed now. Hours begin where the journey's
-- clock strikes.
CREATE TABLE case_hours (
    journey   text        NOT NULL,
    opened_in timestamptz NOT NULL,
    writer    smallint    NOT NULL,
    opened    bigint      NOT NULL,
    closed    bigint      NOT NULL,
    PRIMARY KEY (journey, opened_in, writer)
);
CREATE INDEX case_hours_open ON case_hours (journey, opened_in) WHERE opened <> closed;
INSERT INTO writers (topic, partition) VALUES ('', 0);  -- what no partition has written: rebuilt, or moved from before
INSERT INTO case_hours (journey, opened_in, writer, opened, closed)
SELECT c.journey,
       date_trunc('hour', c.opened_at, definition ->> 'time_zone'),
       (SELECT writer FROM writers WHERE topic = ''),
       count(*), count(c.closed_at)
FROM cases c JOIN journey_versions v ON v.journey = c.journey AND v.version = 1
WHERE c.opened_at IS NOT NULL
GROUP BY 1, 2;
DROP INDEX cases_opened;

-- What customers answered. Their words lie apart, with a retention of their own.
CREATE TABLE survey_answers (
    case_key        bigint      NOT NULL,
    answered_at     timestamptz NOT NULL,
    source          text        NOT NULL,
    answer_id       text        NOT NULL,
    journey_version integer     NOT NULL,
    touchpoint      text,
    question        text        NOT NULL,
    score           integer,
    invitation_id   text,
    customer_id     bigint
);
CREATE INDEX survey_answers_case ON survey_answers (case_key);
CREATE TABLE answer_keys (
    source    text  NOT NULL,
    answer_id text  NOT NULL,
    digest    uuid  NOT NULL,
    PRIMARY KEY (source, answer_id)
);
CREATE TABLE answer_texts (
    source      text        NOT NULL,
    answer_id   text        NOT NULL,
    answered_at timestamptz NOT NULL,
    text        text        NOT NULL,
    PRIMARY KEY (source, answer_id)
);
CREATE INDEX answer_texts_age ON answer_texts (answered_at);

-- Digests are made in another way now, and 16 bytes are a uuid. Where there is none the content is not known, and
-- the same id is a repeat.
ALTER TABLE event_keys DROP COLUMN digest, ADD COLUMN digest uuid;

-- How long everything is kept, not windows alone.
ALTER TABLE retention RENAME COLUMN resolution TO name;
INSERT INTO retention (name, keep) VALUES ('events', '1096 days'), ('texts', '400 days'), ('rejects', '14 days');
