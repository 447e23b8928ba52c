-- The columns of a table, and what decides whether two servers can be asked about them alike.
-- image: the type's binary form means the same in every database. order: what its order rests on; none when two servers may sort it differently.
SELECT a.attname,
       a.atttypid,
       format_type(a.atttypid, -1),
       a.atttypid < 10000 AND t.typtype IN ('b', 'r', 'm') AND coalesce(e.typtype, 'b') = 'b' AND t.typsend <> 0
           AND t.typname !~ '^_?(reg[a-z]+|aclitem|pg_[a-z_]+)$' AS image,
       CASE
           WHEN a.atttypid >= 10000 OR t.typtype <> 'b' OR t.typname ~ '^_?(reg[a-z]+|jsonb)$' THEN NULL
           WHEN a.attcollation = 0 THEN ''
           WHEN l.collname IN ('C', 'POSIX') THEN 'bytes'
           WHEN l.collname = 'default' AND d.datcollate IN ('C', 'POSIX') AND coalesce(to_jsonb(d) ->> 'datlocprovider', 'c') = 'c' THEN 'bytes'
       END AS "order",
       c.relkind <> 'p' AS only,
       coalesce(pg_table_size(c.oid), 0) + (SELECT coalesce(sum(pg_table_size(i.inhrelid)), 0) FROM pg_inherits i WHERE i.inhparent = c.oid AND c.relkind = 'p')
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typelem <> 0
  LEFT JOIN pg_collation l ON l.oid = a.attcollation
  JOIN pg_database d ON d.datname = current_database()
 WHERE a.attnum > 0 AND NOT a.attisdropped
   AND a.attrelid =
