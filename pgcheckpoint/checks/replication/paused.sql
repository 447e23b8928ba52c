-- Whether somebody has paused the replay of the write-ahead log: the standby falls behind and keeps all of it.
-- severity: warn
-- on: standby
-- reads: pg_is_wal_replay_paused()
-- message: replay is paused
-- fine: replay is not paused
-- hint: SELECT pg_wal_replay_resume();
SELECT 1 AS value WHERE pg_is_wal_replay_paused()
