-- Each partition that holds rows itself, and the partitioned table at the top.
SELECT c.oid, n.nspname, r.relname
  FROM pg_class c
  JOIN pg_class r ON r.oid = pg_partition_root(c.oid)
  JOIN pg_namespace n ON n.oid = r.relnamespace
 WHERE c.relispartition AND c.relkind IN ('r', 'f')
