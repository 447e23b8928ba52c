-- Tables with rows of which the planner knows nothing: it was never told, or forgot it in an upgrade.
-- severity: warn
-- scope: database
-- on: primary
-- reads: pg_class, pg_stat_user_tables
-- message: {object} ({live:count} rows) was never analyzed
-- fine: every table with rows was analyzed
-- hint: ANALYZE {object};
SELECT s.schemaname AS schema, s.relname AS name, n_live_tup AS live, n_live_tup AS value
  FROM pg_stat_user_tables s
 WHERE n_live_tup > 1000 AND n_mod_since_analyze > 1000 AND last_analyze IS NULL AND last_autoanalyze IS NULL
