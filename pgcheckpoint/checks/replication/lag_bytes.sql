-- How much write-ahead log a standby still has to replay.
-- unit: bytes
-- warn: 50MB
-- crit: 1GB
-- on: primary
-- needs: pg_read_all_stats
-- reads: pg_stat_replication
-- message: {standby} is {value} behind ({state})
-- fine: no standby is connected
-- hint: look at the standby's network, disk and long queries
SELECT 'standby ' || coalesce(nullif(application_name, ''), pid::text) AS object,
       format('the standby %I', coalesce(nullif(application_name, ''), pid::text)) AS standby, state,
       greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), coalesce(replay_lsn, flush_lsn, sent_lsn)), 0)::bigint AS value
  FROM pg_stat_replication
