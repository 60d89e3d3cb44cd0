-- The three roles, for an administrator of the server to run in Klantreis's database, before the first `klantreis migrate`:
--     psql -d klantreis -f deploy/database/roles.sql
-- It may run again. No role has a password yet, so none can log in from elsewhere: set them (\password klantreis_writer).
--
-- klantreis_migrator  runs `klantreis migrate`, `db restore`: owns the tables
-- klantreis_writer    runs everything else: worker, monitor, import, journey apply; reads and writes rows, no more
-- klantreis_reader    for Grafana, Power BI and the like: reads the schema `reporting`, nothing else
--
-- What the last two may do is granted by `klantreis migrate`, every time (services/store/grants.sql).
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['klantreis_migrator', 'klantreis_writer', 'klantreis_reader'] LOOP
        IF to_regrole(name) IS NULL THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', name);
        END IF;
    END LOOP;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %I TO klantreis_migrator', current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO klantreis_writer', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO klantreis_reader', current_database());
END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO klantreis_migrator;
ALTER ROLE klantreis_reader SET default_transaction_read_only = on;
ALTER ROLE klantreis_reader SET statement_timeout = '30s';
