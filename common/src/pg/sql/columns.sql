-- Columns of tables and materialised views, in order, without the dropped ones.
SELECT a.attrelid,
       a.attname,
       format_type(a.atttypid, a.atttypmod),
       a.attgenerated,
       t.typnamespace = 'pg_catalog'::regnamespace
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_type t ON t.oid = a.atttypid
 WHERE a.attnum > 0 AND NOT a.attisdropped
   AND c.relkind IN ('r', 'm')
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY a.attrelid, a.attnum
