-- Partitions whose rows may belong elsewhere after a restore, because an ancestor is partitioned by the hash of
-- an enum, which is the hash of an OID; with the root to load them through (pg_dump: forcePartitionRootLoad).
WITH RECURSIVE tree(relid) AS (
  SELECT p.partrelid
    FROM pg_partitioned_table p
   WHERE p.partstrat = 'h'
     AND EXISTS (SELECT FROM pg_opclass o JOIN pg_am a ON a.oid = o.opcmethod AND a.amname = 'hash'
                  WHERE o.oid = ANY (p.partclass) AND o.opcname = 'enum_ops')
  UNION
  SELECT i.inhrelid FROM tree t JOIN pg_inherits i ON i.inhparent = t.relid
)
SELECT t.relid, n.nspname, c.relname
  FROM tree t
  JOIN pg_class c ON c.oid = pg_partition_root(t.relid)
  JOIN pg_namespace n ON n.oid = c.relnamespace
