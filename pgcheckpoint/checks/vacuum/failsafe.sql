-- How near a database is to the age at which vacuum drops everything else to save the server.
-- unit: ratio
-- warn: 80%
-- crit: 100%
-- reads: pg_database.datfrozenxid, vacuum_failsafe_age
-- message: database {object} has reached {value} of vacuum_failsafe_age
-- hint: VACUUM FREEZE in database {object}, with INDEX_CLEANUP off
-- server: 14-
SELECT datname AS name, age(datfrozenxid)::float8 / greatest(current_setting('vacuum_failsafe_age')::float8, current_setting('autovacuum_freeze_max_age')::float8 * 1.05) AS value
  FROM pg_database
