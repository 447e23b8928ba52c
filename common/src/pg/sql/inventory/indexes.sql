-- Indexes, those behind constraints too.
SELECT 'pg_class'::regclass::oid AS class,
       c.oid AS oid,
       'index' AS kind,
       n.nspname AS schema,
       i.relname AS name,
       n.nspname AS of_schema,
       c.relname AS of_name,
       format('%I.%I', n.nspname, c.relname) AS "table",
       CASE WHEN x.indisunique THEN 'yes' END AS "unique",
       substr(f.definition, strpos(f.definition, f.table_name) + length(f.table_name)) AS definition,
       CASE WHEN NOT x.indisvalid THEN 'no' END AS valid,
       CASE WHEN NOT x.indisready THEN 'no' END AS ready,
       CASE WHEN x.indisclustered THEN 'yes' END AS "clustered on",
       CASE WHEN x.indisreplident THEN 'yes' END AS "replica identity",
       CASE WHEN x.indexprs IS NOT NULL THEN
         (SELECT string_agg(format('%s: %s', a.attnum, a.attstattarget), ', ' ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = i.oid AND a.attstattarget >= 0) END AS "statistics targets",
       CASE WHEN i.relispartition THEN
         (SELECT format('%I.%I', pn.nspname, p.relname)
            FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
           WHERE h.inhrelid = i.oid) END AS "attached to",
       s.spcname AS tablespace,
       d.description AS comment
  FROM pg_index x
  JOIN pg_class i ON i.oid = x.indexrelid
  JOIN pg_class c ON c.oid = x.indrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  -- OFFSET keeps the server from asking for the definition wherever it is used.
  CROSS JOIN LATERAL (SELECT pg_get_indexdef(i.oid), format('%I.%I ', n.nspname, c.relname) OFFSET 0) AS f(definition, table_name)
  LEFT JOIN pg_tablespace s ON s.oid = i.reltablespace
  LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = i.oid AND d.objsubid = 0
 WHERE c.relpersistence <> 't'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
