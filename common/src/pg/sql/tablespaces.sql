-- Tablespaces of the cluster, without the two that every cluster has.
SELECT t.spcname,
       pg_get_userbyid(t.spcowner),
       pg_tablespace_location(t.oid),
       coalesce(t.spcoptions, '{}')::text,
       coalesce(t.spcacl, '{}')::text[]::text,
       shobj_description(t.oid, 'pg_tablespace')
  FROM pg_tablespace t
 WHERE t.spcname !~ '^pg_'
 ORDER BY t.spcname
