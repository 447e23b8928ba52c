-- What was granted on and revoked from the system's objects, and extensions', since they were made.
SELECT x.classoid AS class,
       x.objoid AS oid,
       'privileges on ' || CASE x.classoid
         WHEN 'pg_class'::regclass THEN CASE WHEN x.objsubid <> 0 THEN 'column' ELSE 'table' END
         WHEN 'pg_proc'::regclass THEN 'function'
         WHEN 'pg_namespace'::regclass THEN 'schema'
         WHEN 'pg_language'::regclass THEN 'language'
         WHEN 'pg_type'::regclass THEN 'type'
         WHEN 'pg_foreign_data_wrapper'::regclass THEN 'foreign data wrapper'
         ELSE 'server' END AS kind,
       NULL AS name,
       x.name AS signature,
       x.acl::text AS acl,
       coalesce(i.initprivs, acldefault(x.kind, x.owner))::text AS base
  FROM (SELECT 'pg_class'::regclass::oid AS classoid, c.oid AS objoid, 0 AS objsubid, format('%I.%I', n.nspname, c.relname) AS name,
               CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char" AS kind, c.relowner AS owner, c.relacl AS acl, n.nspname
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relacl IS NOT NULL
        UNION ALL
        SELECT 'pg_class'::regclass, c.oid, a.attnum, format('%I.%I.%I', n.nspname, c.relname, a.attname), 'c', c.relowner, a.attacl, n.nspname
          FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE a.attacl IS NOT NULL AND NOT a.attisdropped
        UNION ALL
        SELECT 'pg_proc'::regclass, p.oid, 0, format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)), 'f', p.proowner, p.proacl, n.nspname
          FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.proacl IS NOT NULL
        UNION ALL
        SELECT 'pg_type'::regclass, t.oid, 0, format_type(t.oid, NULL), 'T', t.typowner, t.typacl, n.nspname
          FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typacl IS NOT NULL
        UNION ALL
        SELECT 'pg_namespace'::regclass, n.oid, 0, quote_ident(n.nspname), 'n', n.nspowner, n.nspacl,
               -- `public` is told of with the schemas.
               CASE n.nspname WHEN 'pg_catalog' THEN 'pg_catalog' END
          FROM pg_namespace n WHERE n.nspacl IS NOT NULL AND n.nspname !~ '^pg_(toast|temp)'
        UNION ALL
        SELECT 'pg_language'::regclass, l.oid, 0, quote_ident(l.lanname), 'l', l.lanowner, l.lanacl, CASE WHEN l.oid < 16384 THEN 'pg_catalog' END
          FROM pg_language l WHERE l.lanacl IS NOT NULL
        UNION ALL
        SELECT 'pg_foreign_data_wrapper'::regclass, w.oid, 0, quote_ident(w.fdwname), 'F', w.fdwowner, w.fdwacl, NULL
          FROM pg_foreign_data_wrapper w WHERE w.fdwacl IS NOT NULL
        UNION ALL
        SELECT 'pg_foreign_server'::regclass, s.oid, 0, quote_ident(s.srvname), 'S', s.srvowner, s.srvacl, NULL
          FROM pg_foreign_server s WHERE s.srvacl IS NOT NULL) AS x
  LEFT JOIN pg_init_privs i ON i.classoid = x.classoid AND i.objoid = x.objoid AND i.objsubid = x.objsubid
 WHERE i.initprivs IS DISTINCT FROM x.acl
   AND (x.nspname = 'pg_catalog'
        OR EXISTS (SELECT FROM pg_depend e WHERE e.classid = x.classoid AND e.objid = x.objoid AND e.deptype = 'e'))
