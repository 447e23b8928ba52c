-- The longest time that a transaction has been open: vacuum removes no row that it could still see.
-- unit: seconds
-- warn: 1h
-- crit: 24h
-- needs: pg_read_all_stats
-- reads: pg_stat_activity
-- message: pid {pid} ({state}) of {user} in {in} has had a transaction open for {value}
-- fine: no transaction is open but this one
-- hint: SELECT pg_terminate_backend({pid});
SELECT 'pid ' || pid AS object, pid, state, usename AS "user", datname AS "in", extract(epoch FROM clock_timestamp() - xact_start)::float8 AS value
  FROM pg_stat_activity
 WHERE xact_start IS NOT NULL AND backend_type = 'client backend' AND pid <> pg_backend_pid()
