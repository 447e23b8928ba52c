-- The share of a table's rows that are dead, of tables with more than 10,000 of them.
-- unit: ratio
-- warn: 20%
-- scope: database
-- on: primary
-- reads: pg_stat_all_tables
-- message: {dead:count} rows of {object} are dead ({value}); last vacuum: {last}
-- fine: no table has many dead rows
-- hint: VACUUM {object};
SELECT schemaname AS schema, relname AS name, n_dead_tup AS dead,
       n_dead_tup::float8 / (n_live_tup + n_dead_tup) AS value,
       coalesce(to_char(greatest(last_vacuum, last_autovacuum), 'YYYY-MM-DD HH24:MI'), 'never') AS last
  FROM pg_stat_all_tables
 WHERE n_dead_tup > 10000
