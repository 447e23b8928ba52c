-- Deadlocks for each day since the statistics were reset.
-- warn: 10
-- crit: 1000
-- scope: database
-- reads: pg_stat_database
-- message: {deadlocks:count} deadlocks in {database} since {since}: {number} a day
-- hint: take locks in the same order everywhere; the server's log names the statements
SELECT deadlocks, coalesce(to_char(stats_reset, 'YYYY-MM-DD'), 'the start') AS since,
       -- A day is the least: the first deadlock after a reset is no flood.
       round(deadlocks / greatest(extract(epoch FROM now() - coalesce(stats_reset, pg_postmaster_start_time())) / 86400, 1)::numeric, 2)::float8 AS value
  FROM pg_stat_database WHERE datname = current_database()
