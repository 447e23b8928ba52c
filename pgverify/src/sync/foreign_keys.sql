-- Which table refers to which by a foreign key, whether its check can wait until the transaction ends, and whether it is the
-- table's own and not that of the partitioned table above it.
SELECT n.nspname, c.relname, fn.nspname, fc.relname, con.condeferrable, con.conname, con.conparentid = 0
  FROM pg_constraint con
  JOIN pg_class c ON c.oid = con.conrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_class fc ON fc.oid = con.confrelid
  JOIN pg_namespace fn ON fn.oid = fc.relnamespace
 WHERE con.contype = 'f'
 ORDER BY 1, 2, 3, 4
