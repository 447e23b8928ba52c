-- How old the oldest transaction id is, beside the age at which autovacuum goes after it: more than 100 % means that it cannot keep up.
-- unit: ratio
-- warn: 110%
-- crit: 125%
-- reads: pg_database.datfrozenxid, autovacuum_freeze_max_age
-- message: database {object} has reached {value} of autovacuum_freeze_max_age
-- hint: look for what holds the horizon back (`run vacuum.horizon`) and for tables with autovacuum off
SELECT datname AS name, age(datfrozenxid)::float8 / current_setting('autovacuum_freeze_max_age')::float8 AS value FROM pg_database
