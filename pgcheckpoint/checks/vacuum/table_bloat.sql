-- How much of a table is air, as statistics tell: an estimate, of tables larger than 10 MB.
-- unit: bytes
-- warn: 1GB
-- crit: 20GB
-- scope: database
-- on: primary
-- reads: pg_class, pg_stats
-- message: about {value} of {object} ({share} % of it) is air
-- fine: there is no table larger than 10 MB
-- hint: VACUUM (ANALYZE) {object}; and if it stays so, pg_repack or VACUUM FULL, which locks it
WITH tables AS (
  SELECT c.oid, n.nspname, c.relname, c.reltuples, c.relpages, current_setting('block_size')::int AS page,
         has_table_privilege(c.oid, 'SELECT') AS readable,
         coalesce((SELECT split_part(o, '=', 2)::int FROM unnest(c.reloptions) AS o WHERE o LIKE 'fillfactor=%'), 100) AS fill
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam AND a.amname = 'heap'
   WHERE c.relkind IN ('r', 'm') AND c.relpages > 10485760 / current_setting('block_size')::int AND c.reltuples > 0),
rows AS (
  -- A tuple: line pointer 4, header 23 rounded up to 24 (more with a map of NULLs), its columns, rounded up to 8.
  SELECT t.*, s.columns, 4 + 24 + CASE WHEN s.nulls THEN 8 ELSE 0 END + ceil((s.width + 4) / 8.0) * 8 AS tuple
    FROM tables t,
         LATERAL (SELECT count(*) AS columns, sum((1 - null_frac) * avg_width) AS width, bool_or(null_frac > 0) AS nulls
                    FROM pg_stats p WHERE p.schemaname = t.nspname AND p.tablename = t.relname AND NOT p.inherited) AS s)
SELECT nspname AS schema, relname AS name, NULL AS status, NULL AS message, NULL AS hint,
       round(100 * air / (relpages::bigint * page)) AS share, air AS value
  FROM (SELECT *, greatest(relpages - ceil(reltuples * tuple / ((page - 24) * fill / 100.0)), 0)::numeric * page AS air FROM rows WHERE columns > 0) AS r
UNION ALL
SELECT NULL, NULL, 'unknown', format('large tables of which nothing can be estimated without the right to read them: %s', count(*)), 'GRANT SELECT ON ALL TABLES IN SCHEMA ' || string_agg(DISTINCT quote_ident(nspname), ', ') || ' TO {role};', NULL, NULL
  FROM tables WHERE NOT readable HAVING count(*) > 0
