-- Whether the server came back from a crash since it was started: all sessions were lost then.
-- unit: seconds
-- severity: warn
-- on: primary
-- needs: pg_read_all_stats
-- reads: pg_stat_activity, pg_postmaster_start_time()
-- message: the server came back from a crash {value} ago
-- fine: the server has not crashed since it started
-- hint: look into the server's log for `was terminated by signal`; the message stays until the server is restarted
SELECT extract(epoch FROM clock_timestamp() - min(backend_start))::float8 AS value
  FROM pg_stat_activity
 WHERE backend_type IN ('checkpointer', 'background writer', 'walwriter')
HAVING min(backend_start) > pg_postmaster_start_time() + interval '5 s'
