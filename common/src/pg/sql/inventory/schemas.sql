-- Schemas; `public` among them, whose privileges come from initdb.
SELECT 'pg_namespace'::regclass::oid AS class,
       n.oid AS oid,
       'schema' AS kind,
       n.nspname AS name,
       pg_get_userbyid(n.nspowner) AS owner,
       n.nspacl::text AS acl,
       coalesce(i.initprivs, acldefault('n', n.nspowner))::text AS base,
       CASE WHEN n.nspname = 'public'
             AND EXISTS (SELECT FROM aclexplode(n.nspacl) x WHERE x.grantee = 0 AND x.privilege_type = 'CREATE')
            THEN 'everybody' END AS "who may create",
       obj_description(n.oid, 'pg_namespace') AS comment
  FROM pg_namespace n
  LEFT JOIN pg_init_privs i ON i.classoid = 'pg_namespace'::regclass AND i.objoid = n.oid AND i.objsubid = 0
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_namespace'::regclass AND e.objid = n.oid AND e.deptype = 'e')
