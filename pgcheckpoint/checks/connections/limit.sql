-- How many connections the server admits: hundreds that are busy at once only wait for each other.
-- warn: 500
-- reads: max_connections
-- message: max_connections is {number}
-- hint: a pooler such as PgBouncer in front lets many clients share few connections
SELECT current_setting('max_connections')::int AS value
