-- Tables and foreign tables.
SELECT 'pg_class'::regclass::oid AS class,
       c.oid AS oid,
       CASE c.relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind,
       n.nspname AS schema,
       c.relname AS name,
       pg_get_userbyid(c.relowner) AS owner,
       c.relacl::text AS acl,
       CASE WHEN c.relacl IS NOT NULL THEN acldefault('r', c.relowner)::text END AS base,
       CASE c.relpersistence WHEN 'u' THEN 'unlogged' END AS persistence,
       CASE WHEN c.relrowsecurity AND c.relforcerowsecurity THEN 'enabled, forced'
            WHEN c.relrowsecurity THEN 'enabled'
            WHEN c.relforcerowsecurity THEN 'forced' END AS "row security",
       CASE c.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' WHEN 'i' THEN 'an index' END AS "replica identity",
       nullif(m.amname, 'heap') AS "access method",
       (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) o) AS options,
       -- Columns that were dropped may have left a table for wide values that nothing needs, and no restore makes again.
       (SELECT string_agg(o, ', ' ORDER BY o)
          FROM pg_class t, unnest(t.reloptions) o WHERE t.oid = c.reltoastrelid
            AND EXISTS (SELECT FROM pg_attribute w
                         WHERE w.attrelid = c.oid AND w.attnum > 0 AND NOT w.attisdropped AND w.attlen = -1 AND w.attstorage <> 'p'
                           AND CASE WHEN w.atttypid IN ('varchar'::regtype, 'bpchar'::regtype, 'bit'::regtype, 'varbit'::regtype)
                                    THEN w.atttypmod NOT BETWEEN 0 AND 500
                                    ELSE w.atttypid <> 'numeric'::regtype OR w.atttypmod < 0 END)) AS "toast options",
       CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS "of type",
       CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END AS "partitioned by",
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS "partition bound",
       (SELECT string_agg(format('%I.%I', pn.nspname, p.relname), ', ' ORDER BY h.inhseqno)
          FROM pg_inherits h
          JOIN pg_class p ON p.oid = h.inhparent
          JOIN pg_namespace pn ON pn.oid = p.relnamespace
         WHERE h.inhrelid = c.oid) AS parents,
       s.spcname AS tablespace,
       quote_ident(f.srvname) AS server,
       (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(ft.ftoptions) o) AS "server's options",
       CASE WHEN c.relhastriggers THEN
         (SELECT string_agg(DISTINCT CASE g.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'on replicas' WHEN 'A' THEN 'always' END, ', ')
            FROM pg_trigger g JOIN pg_constraint k ON k.oid = g.tgconstraint AND k.contype = 'f'
           WHERE g.tgrelid = c.oid AND g.tgenabled <> 'O') END AS "foreign keys' triggers",
       d.description AS comment
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_am m ON m.oid = c.relam
  LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
  LEFT JOIN pg_foreign_table ft ON ft.ftrelid = c.oid
  LEFT JOIN pg_foreign_server f ON f.oid = ft.ftserver
  LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
 WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
