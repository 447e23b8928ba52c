-- How near a database is to the end of multixact ids, at which the server stops locking rows.
-- unit: ratio
-- warn: 50%
-- crit: 75%
-- reads: pg_database.datminmxid
-- message: database {object} is {value} on its way to multixact wraparound (age {age:xids})
-- hint: VACUUM FREEZE in database {object}; many row locks (foreign keys, FOR SHARE) use them up
SELECT datname AS name, mxid_age(datminmxid) AS age, mxid_age(datminmxid)::float8 / 2147483648 AS value FROM pg_database
