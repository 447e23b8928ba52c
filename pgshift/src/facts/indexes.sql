SELECT n.nspname, c.relname, i.relname, x.indisunique, x.indisvalid, x.indpred IS NOT NULL,
       (SELECT pg_catalog.array_agg(a.attname ORDER BY k.place)
          FROM pg_catalog.unnest(x.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
         WHERE k.place <= x.indnkeyatts
           AND k.place < coalesce((SELECT pg_catalog.min(e.place)
                                     FROM pg_catalog.unnest(x.indkey::int2[]) WITH ORDINALITY AS e(attnum, place)
                                    WHERE e.attnum = 0), 1000)),
       CASE WHEN x.indexprs IS NOT NULL OR x.indpred IS NOT NULL THEN
         (SELECT pg_catalog.array_agg(a.attname ORDER BY a.attnum)
            FROM pg_catalog.pg_depend d
            JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
           WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = x.indexrelid
             AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = x.indrelid)
       END
  FROM pg_catalog.pg_index x
  JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
  JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relpersistence <> 't'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY n.nspname, c.relname, i.relname
