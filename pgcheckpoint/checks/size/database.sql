-- How large the database is. Without thresholds unless you set some: --history tells how it grows.
-- unit: bytes
-- scope: database
-- reads: pg_database_size()
-- message: database {database} takes {value}
-- hint: `diff` of two recorded runs tells which tables have grown
SELECT pg_database_size(current_database()) AS value
