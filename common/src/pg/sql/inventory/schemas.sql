-- Schemas, `public` among them.
SELECT 'pg_namespace'::regclass::oid AS class,
       n.oid AS oid,
       'schema' AS kind,
       n.nspname AS name,
       pg_get_userbyid(n.nspowner) AS owner,
       n.nspacl::text AS acl,
       (acldefault('n', n.nspowner)
        -- What everybody may since PostgreSQL 15; before, it was to create as well.
        || CASE WHEN n.nspname = 'public' THEN makeaclitem(0, n.nspowner, 'USAGE', false) END)::text AS base,
       obj_description(n.oid, 'pg_namespace') AS comment
  FROM pg_namespace n
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_namespace'::regclass AND e.objid = n.oid AND e.deptype = 'e')
