-- Tables with their indexes and TOAST. Asks the file system, and so waits for whoever has locked a table.
SELECT n.nspname AS schema, c.relname AS name, pg_total_relation_size(c.oid) AS value
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.relpersistence <> 't'
