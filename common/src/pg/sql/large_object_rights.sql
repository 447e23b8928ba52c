-- How many large objects there are, and how many the session's user may not read.
SELECT count(*),
       count(*) FILTER (WHERE NOT (
         (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
         OR current_setting('lo_compat_privileges')::boolean
         OR pg_has_role(m.lomowner, 'USAGE')
         OR EXISTS (SELECT FROM aclexplode(m.lomacl) x
                     WHERE x.privilege_type = 'SELECT' AND (x.grantee = 0 OR pg_has_role(x.grantee, 'USAGE')))))
  FROM pg_largeobject_metadata m
