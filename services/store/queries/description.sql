-- What the tables and views are, as the catalogue of the database has it. What belongs to an extension is left out.

-- name: columns
SELECT n.nspname || '.' || r.relname AS relation, r.relkind = 'v' AS is_view, a.attname AS name,
       format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required,
       CASE WHEN a.attidentity <> '' THEN 'numbered by the database'
            WHEN a.attgenerated <> '' THEN 'made of ' || pg_get_expr(d.adbin, d.adrelid)
            WHEN d.adbin IS NOT NULL THEN 'else ' || pg_get_expr(d.adbin, d.adrelid) END AS value,
       col_description(r.oid, a.attnum) AS comment, obj_description(r.oid, 'pg_class') AS about
FROM pg_class r
JOIN pg_namespace n ON n.oid = r.relnamespace
JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
WHERE n.nspname IN ('public', 'reporting') AND r.relkind IN ('r', 'p', 'v')
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = r.oid AND e.deptype = 'e')
ORDER BY n.nspname, r.relname COLLATE "C", a.attnum;

-- name: keys
-- Keys, checks, and indexes that are neither.
SELECT n.nspname || '.' || r.relname AS relation, pg_get_constraintdef(c.oid) AS rule
FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE n.nspname = 'public' AND c.contype IN ('p', 'u', 'c', 'f')
UNION ALL
SELECT n.nspname || '.' || r.relname,
       regexp_replace(pg_get_indexdef(i.indexrelid), '^CREATE (UNIQUE )?INDEX (\S+) ON \S+ ', '\1INDEX \2 ')
FROM pg_index i JOIN pg_class r ON r.oid = i.indrelid JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE n.nspname = 'public' AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid);
