-- The longest time that a query has been running.
-- unit: seconds
-- warn: 12h
-- crit: 24h
-- needs: pg_read_all_stats
-- reads: pg_stat_activity
-- message: pid {pid} of {user} in {in} has been running a query for {value}
-- fine: no query is running but this one
-- hint: SELECT pg_cancel_backend({pid});
SELECT 'pid ' || pid AS object, pid, usename AS "user", datname AS "in", extract(epoch FROM clock_timestamp() - query_start)::float8 AS value
  FROM pg_stat_activity
 WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid()
