-- The longest time that a session has been waiting for a lock, and who holds it.
-- unit: seconds
-- warn: 60
-- crit: 120
-- needs: pg_read_all_stats
-- reads: pg_locks, pg_stat_activity, pg_blocking_pids()
-- message: pid {pid} of {user} in {in} waits for {value} for {lock}, behind pid {blockers}
-- fine: nobody waits for a lock
-- hint: SELECT pg_cancel_backend({blocker}); ends what the blocker is doing
-- server: 14-
SELECT 'pid ' || l.pid AS object, l.pid, a.usename AS "user", a.datname AS "in",
       l.mode || coalesce(' on ' || l.relation::regclass::text, ' on a ' || l.locktype) AS lock,
       array_to_string(b.pids, ', ') AS blockers, b.pids[1] AS blocker,
       extract(epoch FROM clock_timestamp() - coalesce(l.waitstart, a.state_change))::float8 AS value
  FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid, pg_blocking_pids(l.pid) AS b(pids)
 WHERE NOT l.granted AND l.pid <> pg_backend_pid()
-- server: 0-13
SELECT 'pid ' || l.pid AS object, l.pid, a.usename AS "user", a.datname AS "in",
       l.mode || coalesce(' on ' || l.relation::regclass::text, ' on a ' || l.locktype) AS lock,
       array_to_string(b.pids, ', ') AS blockers, b.pids[1] AS blocker,
       extract(epoch FROM clock_timestamp() - a.query_start)::float8 AS value
  FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid, pg_blocking_pids(l.pid) AS b(pids)
 WHERE NOT l.granted AND l.pid <> pg_backend_pid()
