-- Nothing here opens a table: it would wait for who holds it exclusively.
SELECT n.nspname, c.relname, k.conname, k.contype, k.convalidated,
       (SELECT pg_catalog.array_agg(a.attname ORDER BY x.place)
          FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS x(attnum, place)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x.attnum),
       -- Not pg_get_constraintdef, which waits for who holds the table: one column, and IS NOT NULL of it, is all.
       k.contype = 'c' AND k.conbin::text LIKE '{NULLTEST :arg {VAR %' AND k.conbin::text LIKE '% :nulltesttype 1 %',
       fn.nspname, f.relname, k.conparentid <> 0
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_class f ON f.oid = k.confrelid
  LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
 WHERE k.contype IN ('c', 'f', 'p', 'u', 'x', 'n')
   AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY n.nspname, c.relname, k.conname
