-- Whether the server had to start its processes anew because one of them crashed: all sessions were lost then.
-- unit: seconds
-- severity: warn
-- on: primary
-- needs: pg_read_all_stats
-- reads: pg_stat_activity, pg_postmaster_start_time()
-- message: a server process crashed, and all were started anew {value} ago
-- fine: no process of the server has crashed since it started
-- hint: look into the server's log for `was terminated by signal`; the message stays until the server is restarted
SELECT extract(epoch FROM clock_timestamp() - min(backend_start))::float8 AS value
  FROM pg_stat_activity
 WHERE backend_type IN ('checkpointer', 'background writer', 'walwriter')
HAVING min(backend_start) > pg_postmaster_start_time() + interval '10 s'
