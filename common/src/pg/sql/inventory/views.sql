-- Views and materialised views.
SELECT 'pg_class'::regclass::oid AS class,
       c.oid AS oid,
       CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END AS kind,
       n.nspname AS schema,
       c.relname AS name,
       pg_get_userbyid(c.relowner) AS owner,
       c.relacl::text AS acl,
       CASE WHEN c.relacl IS NOT NULL THEN acldefault('r', c.relowner)::text END AS base,
       CASE c.relpersistence WHEN 'u' THEN 'unlogged' END AS persistence,
       pg_get_viewdef(c.oid) AS definition,
       (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) o) AS options,
       -- Columns that were dropped may have left a table for wide values that nothing needs, and no restore makes again.
       (SELECT string_agg(o, ', ' ORDER BY o)
          FROM pg_class t, unnest(t.reloptions) o WHERE t.oid = c.reltoastrelid
            AND EXISTS (SELECT FROM pg_attribute w
                         WHERE w.attrelid = c.oid AND w.attnum > 0 AND NOT w.attisdropped AND w.attlen = -1 AND w.attstorage <> 'p'
                           AND CASE WHEN w.atttypid IN ('varchar'::regtype, 'bpchar'::regtype, 'bit'::regtype, 'varbit'::regtype)
                                    THEN w.atttypmod NOT BETWEEN 0 AND 500
                                    ELSE w.atttypid <> 'numeric'::regtype OR w.atttypmod < 0 END)) AS "toast options",
       nullif(m.amname, 'heap') AS "access method",
       CASE WHEN NOT c.relispopulated THEN 'no' END AS populated,
       s.spcname AS tablespace,
       d.description AS comment
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_am m ON m.oid = c.relam
  LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
  LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
 WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
