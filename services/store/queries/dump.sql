-- Taking a whole database elsewhere.

-- name: tables
-- Every table with its columns, but for those that the database computes; what refers to others comes after them.
SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'schema_migrations'
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY c.oid, c.relname
ORDER BY EXISTS (SELECT FROM pg_constraint WHERE conrelid = c.oid AND contype = 'f'), c.relname;

-- name: migrations
SELECT name FROM schema_migrations ORDER BY name;

-- name: sequences
SELECT sequencename AS name, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;

-- name: number_of_rows
SELECT count(*) AS n FROM {table};

-- name: copy_out
-- Of a table in chunks, COPY by its name alone would find nothing.
COPY (SELECT {columns} FROM {table}) TO STDOUT;

-- name: holds_rows
SELECT EXISTS (SELECT FROM {table}) AS holds_rows;

-- name: clear
DELETE FROM {table};

-- name: copy_in
COPY {table} ({columns}) FROM STDIN;

-- name: set_sequence
SELECT setval(%(name)s::regclass, %(last_value)s);
