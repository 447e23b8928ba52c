-- Privileges that objects will have, and security labels.
SELECT 'pg_default_acl'::regclass::oid AS class,
       a.oid AS oid,
       'default privileges' AS kind,
       NULL::text AS name,
       format('of %I on %s', pg_get_userbyid(a.defaclrole),
              CASE a.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas'
                                   WHEN 'L' THEN 'large objects' END)
       || CASE WHEN n.oid IS NOT NULL THEN format(' in %I', n.nspname) ELSE '' END AS signature,
       pg_get_userbyid(a.defaclrole) AS owner,
       a.defaclacl::text AS acl,
       -- Those of a schema are granted beside those of all schemas: there, nothing is the default.
       CASE WHEN n.oid IS NULL THEN
         acldefault(CASE a.defaclobjtype WHEN 'S' THEN 's' ELSE a.defaclobjtype END, a.defaclrole)::text ELSE '{}' END AS base,
       NULL::text AS label
  FROM pg_default_acl a
  LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace
UNION ALL
SELECT s.classoid,
       s.objoid,
       'security label',
       NULL,
       format('of %s on %s %s', quote_ident(s.provider), s.objtype, s.objname),
       NULL, NULL, NULL,
       s.label
  FROM pg_seclabels s
 WHERE s.objtype NOT IN ('large object', 'role', 'tablespace', 'subscription')
   AND (s.objtype <> 'database' OR s.objoid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
