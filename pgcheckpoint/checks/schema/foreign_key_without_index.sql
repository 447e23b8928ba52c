-- Foreign keys whose columns no index begins with: a DELETE or UPDATE of what they point to reads the whole table.
-- unit: bytes
-- severity: info
-- scope: database
-- reads: pg_constraint, pg_index
-- message: foreign key {constraint} of {object} has no index on ({columns})
-- fine: every foreign key has an index
-- hint: CREATE INDEX CONCURRENTLY ON {object} ({columns});
SELECT n.nspname AS schema, c.relname AS name, k.conname AS constraint, format('%I.%I.%I', n.nspname, c.relname, k.conname) AS key,
       c.relpages::bigint * current_setting('block_size')::int AS value,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY p.n)
          FROM unnest(k.conkey) WITH ORDINALITY AS p(attnum, n)
          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.attnum) AS columns
  FROM pg_constraint k
  JOIN pg_class c ON c.oid = k.conrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE k.contype = 'f' AND k.conparentid = 0
   AND NOT EXISTS (
         SELECT FROM pg_index i
          WHERE i.indrelid = k.conrelid AND i.indisvalid
            -- A partial index helps when all that it leaves out has no value.
            AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) ~ '^\(\S+ IS NOT NULL\)$')
            -- The first columns of the index are those of the key, in any order.
            AND (SELECT array_agg(x.attnum ORDER BY x.attnum) FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS x(attnum, n)
                  WHERE x.n <= cardinality(k.conkey))
              = (SELECT array_agg(y ORDER BY y) FROM unnest(k.conkey) AS y))
