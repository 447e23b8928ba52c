-- How much of a btree index is air, as statistics tell: an estimate, of indexes larger than 10 MB.
-- unit: ratio
-- warn: 70%
-- scope: database
-- on: primary
-- reads: pg_class, pg_stats
-- message: about {value} of index {object} ({size:bytes}) is air
-- fine: there is no btree index larger than 10 MB whose columns are known
-- hint: REINDEX INDEX CONCURRENTLY {object};
SELECT nspname AS schema, relname AS name, relpages::bigint * page AS size,
       round(greatest(1 - ceil(reltuples * tuple / ((page - 40) * 0.9)) / relpages, 0)::numeric, 3)::float8 AS value
  FROM (SELECT n.nspname, c.relname, c.relpages, c.reltuples, current_setting('block_size')::int AS page,
               -- A tuple: line pointer 4, header 8, its columns, rounded up to 8; equal keys are stored once since 13.
               4 + 8 + ceil((SELECT sum((1 - p.null_frac) * p.avg_width)
                               FROM pg_attribute a JOIN pg_stats p ON p.schemaname = tn.nspname AND p.tablename = t.relname AND p.attname = a.attname AND NOT p.inherited
                              WHERE a.attrelid = t.oid AND a.attnum = ANY (i.indkey::int2[])) / 8.0) * 8 AS tuple
          FROM pg_index i
          JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree'
          JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
         WHERE c.relkind = 'i' AND i.indexprs IS NULL AND i.indpred IS NULL AND c.reltuples > 0
           AND c.relpages > 10485760 / current_setting('block_size')::int) AS i
 WHERE tuple IS NOT NULL
