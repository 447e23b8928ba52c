SELECT n.nspname, c.relname,
       pg_catalog.string_agg(a.attname || E'\t' || pg_catalog.format_type(a.atttypid, NULL), E'\n' ORDER BY a.attnum),
       EXISTS (SELECT FROM pg_catalog.pg_class r
               WHERE r.relnamespace = c.relnamespace AND r.relname = 'ar_internal_metadata')
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND c.relnatts <= 24
  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
GROUP BY n.nspname, c.relname, c.relnamespace
HAVING pg_catalog.bool_or(a.attname IN ('version', 'version_id', 'migration_name', 'previous_hash', 'change_id'))
ORDER BY n.nspname, c.relname
