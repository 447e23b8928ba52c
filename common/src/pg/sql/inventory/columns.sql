-- Columns of whatever has rows, and attributes of composite types.
SELECT CASE c.relkind WHEN 'c' THEN 'pg_type'::regclass ELSE 'pg_class'::regclass END::oid AS class,
       CASE c.relkind WHEN 'c' THEN c.reltype ELSE c.oid END AS oid,
       CASE c.relkind WHEN 'c' THEN 'attribute' ELSE 'column' END AS kind,
       n.nspname AS schema,
       c.relname AS name,
       a.attname AS part,
       row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS position,
       format_type(a.atttypid, a.atttypmod) AS type,
       CASE WHEN a.attcollation <> t.typcollation THEN
         (SELECT format('%I.%I', ln.nspname, l.collname)
            FROM pg_collation l JOIN pg_namespace ln ON ln.oid = l.collnamespace WHERE l.oid = a.attcollation) END AS collation,
       CASE WHEN a.attnotnull THEN 'yes' END AS "not null",
       CASE WHEN a.attgenerated = '' THEN pg_get_expr(b.adbin, b.adrelid) END AS "default",
       CASE WHEN a.attgenerated <> '' THEN pg_get_expr(b.adbin, b.adrelid) END AS "generated as",
       CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END AS generated,
       CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END AS identity,
       nullif(a.attstattarget, -1) AS "statistics target",
       CASE WHEN a.attstorage <> t.typstorage AND c.relkind NOT IN ('v', 'c')
         THEN CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' WHEN 'x' THEN 'extended' END
       END AS storage,
       --14+ CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
       (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(a.attoptions) o) AS options,
       (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(a.attfdwoptions) o) AS "server's options",
       a.attacl::text AS acl,
       CASE WHEN a.attinhcount > 0 AND a.attislocal THEN 'inherited, and its own' WHEN a.attinhcount > 0 THEN 'inherited' END AS origin,
       d.description AS comment
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef b ON b.adrelid = a.attrelid AND b.adnum = a.attnum
  LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = a.attrelid AND d.objsubid = a.attnum
 WHERE a.attnum > 0 AND NOT a.attisdropped
   AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.deptype = 'e'
                      AND (e.classid, e.objid) IN (('pg_class'::regclass, c.oid), ('pg_type'::regclass, c.reltype)))
