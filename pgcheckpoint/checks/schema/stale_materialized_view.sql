-- Materialised views that were never filled: reading them fails.
-- severity: warn
-- scope: database
-- reads: pg_class
-- message: materialized view {object} is not populated
-- fine: every materialized view is populated
-- hint: REFRESH MATERIALIZED VIEW {object};
SELECT n.nspname AS schema, c.relname AS name, 1 AS value
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'm' AND NOT c.relispopulated
