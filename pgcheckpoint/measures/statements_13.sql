-- The statements that took the most time, without their text.
SELECT queryid::text || ' of ' || userid::regrole AS object, sum(total_exec_time) / 1000 AS value, sum(calls) AS calls, sum(shared_blks_hit + shared_blks_read) AS pages
  FROM {pg_stat_statements}.pg_stat_statements(false)
 WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND queryid IS NOT NULL
 GROUP BY queryid, userid ORDER BY value DESC LIMIT 5000
