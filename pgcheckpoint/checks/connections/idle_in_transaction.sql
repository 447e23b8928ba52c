-- The longest time that a session has been idle inside of a transaction: it holds locks and keeps dead rows alive.
-- unit: seconds
-- warn: 5min
-- crit: 15min
-- needs: pg_read_all_stats
-- reads: pg_stat_activity
-- message: pid {pid} ({application}) of {user} in {in} is idle in transaction for {value}
-- fine: no session is idle in a transaction
-- hint: SELECT pg_terminate_backend({pid}); or set idle_in_transaction_session_timeout
SELECT 'pid ' || pid AS object, pid, usename AS "user", datname AS "in", coalesce(nullif(application_name, ''), 'no name') AS application,
       extract(epoch FROM clock_timestamp() - state_change)::float8 AS value
  FROM pg_stat_activity
 WHERE state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()
