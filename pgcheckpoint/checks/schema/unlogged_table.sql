-- Tables that are empty after a crash, and on every standby.
-- unit: bytes
-- severity: warn
-- scope: database
-- reads: pg_class
-- message: {object} is unlogged
-- fine: no table is unlogged
-- hint: ALTER TABLE {object} SET LOGGED; or leave it out by a --config file, if its rows may be lost
SELECT n.nspname AS schema, c.relname AS name, greatest(c.relpages, 0)::bigint * current_setting('block_size')::int AS value
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND c.relpersistence = 'u'
