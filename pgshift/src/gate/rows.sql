-- Tables that have pages, and whether that is all that may be told of their rows: policies may hide them.
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), c.relrowsecurity
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', HISTORY_SCHEMA) AND n.nspname !~ '^pg_toast'
  AND pg_catalog.pg_relation_size(c.oid) > 0
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT 'large objects', true WHERE EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)
