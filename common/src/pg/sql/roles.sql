-- Roles of the cluster, without the predefined ones.
SELECT r.rolname,
       array_to_string(ARRAY[
         CASE WHEN r.rolsuper THEN 'SUPERUSER' ELSE 'NOSUPERUSER' END,
         CASE WHEN r.rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END,
         CASE WHEN r.rolcreaterole THEN 'CREATEROLE' ELSE 'NOCREATEROLE' END,
         CASE WHEN r.rolcreatedb THEN 'CREATEDB' ELSE 'NOCREATEDB' END,
         CASE WHEN r.rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END,
         CASE WHEN r.rolreplication THEN 'REPLICATION' ELSE 'NOREPLICATION' END,
         CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' ELSE 'NOBYPASSRLS' END]
         || CASE WHEN r.rolconnlimit <> -1 THEN ARRAY['CONNECTION LIMIT ' || r.rolconnlimit] ELSE '{}' END, ','),
       CASE WHEN r.rolvaliduntil IS NOT NULL THEN r.rolvaliduntil::text END,
       shobj_description(r.oid, 'pg_authid'),
       ARRAY(SELECT unnest(s.setconfig) FROM pg_db_role_setting s WHERE s.setrole = r.oid AND s.setdatabase = 0)::text[]::text,
       ARRAY(SELECT unnest(s.setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
              WHERE s.setrole = r.oid AND d.datname = current_database())::text[]::text,
       ARRAY(SELECT format('GRANT %I TO %I', g.rolname, r.rolname)
                    || CASE WHEN m.admin_option OR j->>'inherit_option' IS NOT NULL
                         THEN ' WITH ' || array_to_string(ARRAY[
                           CASE WHEN m.admin_option THEN 'ADMIN OPTION' END,
                           CASE j->>'inherit_option' WHEN 'true' THEN 'INHERIT TRUE' WHEN 'false' THEN 'INHERIT FALSE' END,
                           CASE j->>'set_option' WHEN 'false' THEN 'SET FALSE' END], ', ')
                         ELSE '' END
               FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid, to_jsonb(m) j
              WHERE m.member = r.oid ORDER BY g.rolname)::text[]::text
  FROM pg_roles r
 WHERE r.rolname !~ '^pg_'
 ORDER BY r.rolname
