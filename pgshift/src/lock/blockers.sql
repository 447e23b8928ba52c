-- Who holds what the server process WAITING_PID waits for. CREATE INDEX CONCURRENTLY waits for every transaction, this
-- look's own among them: that one is over at once.
SELECT b.pid, a.application_name, a.usename, a.state,
  pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - coalesce(a.xact_start, a.backend_start)),
  w.mode,
  CASE WHEN w.relation IS NULL THEN w.locktype ELSE w.relation::pg_catalog.regclass::text END,
  pg_catalog."left"(a.query, 200)
FROM (SELECT DISTINCT pid FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids(WAITING_PID)) AS pid) b
CROSS JOIN (SELECT mode, locktype, relation FROM pg_catalog.pg_locks WHERE pid = WAITING_PID AND NOT granted LIMIT 1) w
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
WHERE b.pid <> pg_catalog.pg_backend_pid()
ORDER BY b.pid
