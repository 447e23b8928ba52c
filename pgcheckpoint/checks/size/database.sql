-- How large the database is. Without thresholds unless you set some: `diff` tells how it grows.
-- unit: bytes
-- scope: database
-- reads: pg_database_size()
-- message: database {database} takes {value}
SELECT pg_database_size(current_database()) AS value
