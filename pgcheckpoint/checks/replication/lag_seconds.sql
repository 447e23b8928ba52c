-- How old the newest transaction is that the standby has replayed, while there is more to replay.
-- unit: seconds
-- warn: 30
-- crit: 10min
-- on: standby
-- reads: pg_last_xact_replay_timestamp(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()
-- message: the standby is {value} behind
-- hint: look for long queries here that replay waits for, and at the network
SELECT CASE WHEN pg_last_wal_receive_lsn() IS NOT DISTINCT FROM pg_last_wal_replay_lsn() THEN 0
            ELSE greatest(extract(epoch FROM clock_timestamp() - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time())), 0)::float8 END AS value
