-- A table's name, and how many rows the server thinks that it has with all its partitions; NULL when it was never counted.
SELECT TABLE_OID::pg_catalog.regclass,
  (SELECT CASE WHEN pg_catalog.bool_and(c.reltuples >= 0) AND pg_catalog.sum(c.reltuples) > 0
      THEN pg_catalog.sum(c.reltuples)::pg_catalog.int8 END
    FROM pg_catalog.pg_class c
    WHERE c.relkind IN ('r', 'f') AND (c.oid = TABLE_OID
      OR c.oid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(TABLE_OID) t)))
