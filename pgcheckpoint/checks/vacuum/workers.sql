-- How many of autovacuum's workers are at work: when all are, tables have to wait for one.
-- unit: ratio
-- warn: 100%
-- needs: pg_read_all_stats
-- reads: pg_stat_activity, autovacuum_max_workers
-- message: {busy} of {workers} autovacuum workers are at work
-- hint: if it stays so: raise autovacuum_vacuum_cost_limit first, then autovacuum_max_workers
SELECT busy, workers, busy::float8 / workers AS value
  FROM (SELECT count(*) AS busy FROM pg_stat_activity WHERE backend_type = 'autovacuum worker') AS b,
       (SELECT current_setting('autovacuum_max_workers')::int AS workers) AS w
