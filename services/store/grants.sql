-- What the roles of deploy/database/roles.sql may do, where there are such roles: after the migrations, at every
-- `klantreis migrate`, so that it holds for what a migration has added. What was granted to them before is taken back first.
DO $$
BEGIN
    IF to_regrole('klantreis_writer') IS NOT NULL THEN
        REVOKE ALL ON ALL TABLES IN SCHEMA public FROM klantreis_writer;
        GRANT USAGE ON SCHEMA public TO klantreis_writer;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO klantreis_writer;
        REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM klantreis_writer;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO klantreis_writer;
    END IF;
    IF to_regrole('klantreis_reader') IS NOT NULL THEN
        REVOKE ALL ON ALL TABLES IN SCHEMA public, reporting FROM klantreis_reader;
        GRANT USAGE ON SCHEMA reporting TO klantreis_reader;
        GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO klantreis_reader;
    END IF;
END $$;
