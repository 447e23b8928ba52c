-- How many sessions wait for a lock.
-- warn: 5
-- crit: 20
-- reads: pg_locks
-- message: {number} sessions wait for locks
-- hint: `pgcheckpoint run locks.waiting` tells who blocks whom
SELECT count(DISTINCT pid) AS value FROM pg_locks WHERE NOT granted
