-- The share of checkpoints that came because max_wal_size was reached, and not by the clock: they write the same pages too often.
-- unit: ratio
-- warn: 50%
-- reads: pg_stat_checkpointer or pg_stat_bgwriter
-- message: {requested:count} of {all:count} checkpoints were requested ({value})
-- fine: there was no checkpoint yet
-- hint: raise max_wal_size
-- server: 17-
SELECT num_requested AS requested, num_timed + num_requested AS all, num_requested::float8 / (num_timed + num_requested) AS value,
       CASE WHEN num_timed + num_requested < 20 THEN 'ok' END AS status
  FROM pg_stat_checkpointer WHERE num_timed + num_requested > 0
-- server: 0-16
SELECT checkpoints_req AS requested, checkpoints_timed + checkpoints_req AS all, checkpoints_req::float8 / (checkpoints_timed + checkpoints_req) AS value,
       -- A few say nothing: backups and CREATE DATABASE request some.
       CASE WHEN checkpoints_timed + checkpoints_req < 20 THEN 'ok' END AS status
  FROM pg_stat_bgwriter WHERE checkpoints_timed + checkpoints_req > 0
