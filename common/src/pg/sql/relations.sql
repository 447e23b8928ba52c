-- Everything that holds rows or counts, outside the system's schemas; extensions' members with their condition.
SELECT c.oid,
       n.nspname,
       c.relname,
       c.relkind,
       c.relpersistence,
       coalesce(pg_relation_filenode(c.oid), 0),
       coalesce(a.amname, ''),
       CASE WHEN c.relkind IN ('r', 'm') THEN coalesce(pg_relation_size(c.oid), 0) ELSE 0 END,
       CASE WHEN c.reltoastrelid <> 0 THEN coalesce(pg_relation_size(c.reltoastrelid), 0) ELSE 0 END,
       c.relispopulated,
       pg_get_userbyid(c.relowner),
       e.extname,
       config.relid IS NOT NULL,
       config.condition,
       owning.refobjid,
       owning.deptype = 'i'
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_am a ON a.oid = c.relam
  LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
                       AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
  LEFT JOIN pg_depend owning ON c.relkind = 'S' AND owning.classid = 'pg_class'::regclass AND owning.objid = c.oid AND owning.objsubid = 0
                       AND owning.refclassid = 'pg_class'::regclass AND owning.deptype IN ('a', 'i')
  LEFT JOIN pg_extension e ON e.oid = d.refobjid
  LEFT JOIN LATERAL (SELECT u.relid, u.condition FROM unnest(e.extconfig, e.extcondition) AS u(relid, condition)
                      WHERE u.relid = c.oid) config ON true
 WHERE c.relkind IN ('r', 'p', 'm', 'S', 'f')
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY n.nspname, c.relname
