-- The largest share that one statement has in all execution time: it pays to look at it first.
-- unit: ratio
-- scope: database
-- extension: pg_stat_statements
-- needs: pg_read_all_stats
-- reads: pg_stat_statements
-- message: statement {id} takes {value} of the execution time in {database} ({calls:count} calls, {mean:seconds} each)
-- hint: pg_stat_statements has its text under this queryid: EXPLAIN (ANALYZE, BUFFERS) tells what it does
-- fine: pg_stat_statements has counted too little to tell
-- server: 13-
SELECT queryid::text AS id, calls, mean_exec_time / 1000 AS mean, total_exec_time / nullif(sum(total_exec_time) OVER (), 0) AS value
  FROM {pg_stat_statements}.pg_stat_statements(false)
 WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND queryid IS NOT NULL
 ORDER BY total_exec_time DESC LIMIT 1
-- server: 0-12
SELECT queryid::text AS id, calls, mean_time / 1000 AS mean, total_time / nullif(sum(total_time) OVER (), 0) AS value
  FROM {pg_stat_statements}.pg_stat_statements(false)
 WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND queryid IS NOT NULL
 ORDER BY total_time DESC LIMIT 1
