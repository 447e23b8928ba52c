-- Whether everybody may make objects in the schema public: a function there can catch calls that were meant for another.
-- severity: warn
-- scope: database
-- reads: pg_namespace.nspacl
-- message: everybody may make objects in schema public of {database}
-- fine: not everybody may make objects in schema public
-- hint: REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SELECT 1 AS value FROM pg_namespace n, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) AS a
 WHERE nspname = 'public' AND a.grantee = 0 AND a.privilege_type = 'CREATE'
