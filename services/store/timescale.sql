-- Where the extension timescaledb is, after the migrations, at every `klantreis migrate`: what holds time lies in chunks,
-- and old chunks are compressed. All of it may run again at any time. The tables are those of the migrations, with the
-- same keys; who writes and who reads need not know.

-- Chunks. A query that says no time looks into all of them, so there are to be few; and one goes as a whole when it
-- is past its retention, so there are to be many. Each day of minutes is read for at most 24 hours, kept for 35 days.
SELECT create_hypertable(
    held::regclass, by_range(moment::name, width), create_default_indexes => false, if_not_exists => true, migrate_data => true
)
FROM (VALUES
    ('windows_minute', 'bucket', interval '1 day'),
    ('rollups_minute', 'bucket', interval '1 day'),
    -- Kept for 400 days, and read for 90 at most: a month goes every month.
    ('windows_hour', 'bucket', interval '30 days'),
    ('rollups_hour', 'bucket', interval '30 days'),
    -- Kept for ever: some 300 rows a scope and year.
    ('windows_day', 'bucket', interval '365 days'),
    ('rollups_day', 'bucket', interval '365 days'),
    -- Read by case, so in all chunks: three years are a dozen. Answers are a tenth of that.
    ('touchpoint_events', 'occurred_at', interval '90 days'),
    ('survey_answers', 'answered_at', interval '365 days')
) AS held_in_time (held, moment, width);

-- Compression, which the edition under the Apache licence has not. Rows that are read together lie together: of a scope its
-- buckets, of a case its events. What comes late is counted in compressed chunks too, only slower, so they are those in
-- which hardly anything changes: hours once no rolling window reads them, events once most cases have ended. Minutes are
-- gone before that would pay.
DO $$
DECLARE
    held record;
BEGIN
    IF current_setting('timescaledb.license') <> 'timescale' THEN
        RAISE NOTICE 'this edition of TimescaleDB does not compress; what is old is deleted row by row';
        RETURN;
    END IF;
    FOR held IN SELECT * FROM (VALUES
        ('windows_hour', 'scope_id', 'bucket, writer', interval '100 days'),
        ('rollups_hour', 'scope_id', 'bucket, writer', interval '100 days'),
        ('windows_day', 'scope_id', 'bucket, writer', interval '400 days'),
        ('rollups_day', 'scope_id', 'bucket, writer', interval '400 days'),
        -- No segments: a case has a handful of events, and a segment is worth it from some hundred rows on.
        ('touchpoint_events', '', 'case_key, occurred_at', interval '180 days'),
        ('survey_answers', '', 'case_key, answered_at', interval '400 days')
    ) AS old (name, segments, ordered, after)
    LOOP
        EXECUTE format(
            'ALTER TABLE %I SET (timescaledb.compress, timescaledb.compress_segmentby = %L, timescaledb.compress_orderby = %L)',
            held.name, held.segments, held.ordered
        );
        PERFORM add_compression_policy(held.name::regclass, held.after, if_not_exists => true);
    END LOOP;

    -- Retention. The table `retention` says from when on nothing is missing; the worker moves that moment by what
    -- `klantreis retention` says, and only what lies before it goes. TimescaleDB's own policies would go by an interval
    -- and a clock of their own, and leave the moment untrue. Where this procedure is, the worker leaves windows to it.
    CREATE OR REPLACE PROCEDURE drop_old_windows(job_id integer, config jsonb) LANGUAGE plpgsql AS $procedure$
    BEGIN
        IF NOT pg_try_advisory_xact_lock(hashtext('klantreis upkeep')) THEN
            RETURN; -- while windows are rebuilt; an hour later is soon enough
        END IF;
        PERFORM drop_chunks(format('%s_%s', detail, name)::regclass, older_than => retained_from)
        FROM retention, unnest(ARRAY['windows', 'rollups']) AS detail
        WHERE name IN ('minute', 'hour', 'day');
    END $procedure$;
    IF NOT EXISTS (SELECT FROM timescaledb_information.jobs
                   WHERE proc_schema = current_schema() AND proc_name = 'drop_old_windows') THEN
        PERFORM add_job('drop_old_windows', interval '1 hour');
    END IF;
END $$;
