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
       (SELECT string_agg(o, ', ' ORDER BY o)
          FROM pg_class t, unnest(t.reloptions) o WHERE t.oid = c.reltoastrelid) AS "toast options",
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
