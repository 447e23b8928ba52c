-- Dead rows that the statistics know of.
SELECT schemaname AS schema, relname AS name, n_dead_tup AS value FROM pg_stat_user_tables
