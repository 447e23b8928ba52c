-- How near a database is to the end of transaction ids, at which the server stops taking writes.
-- unit: ratio
-- warn: 50%
-- crit: 75%
-- reads: pg_database.datfrozenxid
-- message: database {object} is {value} on its way to transaction id wraparound (age {age:xids})
-- hint: look for what holds the horizon back (`run vacuum.horizon`), then VACUUM FREEZE in database {object}
SELECT datname AS name, age(datfrozenxid) AS age, age(datfrozenxid)::float8 / 2147483648 AS value FROM pg_database
