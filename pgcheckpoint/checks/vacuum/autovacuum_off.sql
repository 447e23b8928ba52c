-- Tables for which somebody has switched autovacuum off.
-- unit: bytes
-- severity: warn
-- scope: database
-- reads: pg_class.reloptions
-- message: autovacuum is off for {object}
-- fine: autovacuum is on for every table
-- hint: ALTER TABLE {object} RESET (autovacuum_enabled);
SELECT n.nspname AS schema, c.relname AS name, c.relpages::bigint * current_setting('block_size')::int AS value
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, unnest(c.reloptions) AS o(option)
 WHERE c.relkind IN ('r', 'm')
   -- The conditions of an AND come in any order, and other options are no booleans.
   AND CASE WHEN lower(split_part(o.option, '=', 1)) = 'autovacuum_enabled' THEN NOT split_part(o.option, '=', 2)::boolean END
