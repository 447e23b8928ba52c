-- How old the oldest multixact id is, beside the age at which autovacuum goes after it.
-- unit: ratio
-- warn: 110%
-- crit: 125%
-- reads: pg_database.datminmxid, autovacuum_multixact_freeze_max_age
-- message: database {object} has reached {value} of autovacuum_multixact_freeze_max_age
-- hint: VACUUM FREEZE in database {object}
SELECT datname AS name, mxid_age(datminmxid)::float8 / current_setting('autovacuum_multixact_freeze_max_age')::float8 AS value FROM pg_database
