-- Tables that changed much since anybody vacuumed them, a week ago or more.
-- unit: seconds
-- severity: warn
-- scope: database
-- on: primary
-- reads: pg_stat_user_tables, pg_settings
-- message: {object} has {changes:count} dead or new rows and was not vacuumed for {value}
-- fine: every table that changes is vacuumed
-- hint: VACUUM (ANALYZE) {object}; and see whether autovacuum is on and keeps up
SELECT schemaname AS schema, relname AS name, changes, extract(epoch FROM now() - since)::float8 AS value
  FROM (SELECT *, coalesce(greatest(last_vacuum, last_autovacuum), (SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()), pg_postmaster_start_time()) AS since,
               n_dead_tup AS changes
          FROM pg_stat_user_tables) AS t
 WHERE changes > current_setting('autovacuum_vacuum_threshold')::float8 + current_setting('autovacuum_vacuum_scale_factor')::float8 * n_live_tup
   AND changes > 1000 AND since < now() - interval '7 days'
