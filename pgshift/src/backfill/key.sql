-- The wanted columns of a table, or those of its primary key: name, type (NULL when it is not there), whether never NULL, and
-- whether an index leads along all of them.
WITH wanted AS (
  SELECT name, ord FROM pg_catalog.unnest(WANTED) WITH ORDINALITY AS w (name, ord)
  UNION ALL
  SELECT a.attname::pg_catalog.text, k.ord
  FROM pg_catalog.pg_index i
  CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k (attnum, ord)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
  WHERE i.indrelid = TABLE_OID AND i.indisprimary AND k.ord <= i.indnkeyatts
    AND pg_catalog.cardinality(WANTED) = 0
),
columns AS (
  SELECT w.name, w.ord, a.attnum, a.attnotnull,
    pg_catalog.format_type(a.atttypid, a.atttypmod) AS of_type
  FROM wanted w
  LEFT JOIN pg_catalog.pg_attribute a
    ON a.attrelid = TABLE_OID AND a.attname = w.name AND a.attnum > 0 AND NOT a.attisdropped
)
SELECT name, of_type, attnotnull, EXISTS (
    SELECT FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_am m ON m.oid = c.relam
    WHERE i.indrelid = TABLE_OID AND m.amname = 'btree' AND i.indisvalid AND i.indpred IS NULL
      AND NOT EXISTS (
        SELECT FROM columns k WHERE i.indkey[k.ord - 1] IS DISTINCT FROM k.attnum
      )
  )
FROM columns ORDER BY ord
