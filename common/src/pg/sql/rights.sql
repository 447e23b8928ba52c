-- What the session's user may not read of these relations: the privilege that is missing, and on what.
SELECT DISTINCT 'USAGE', 'SCHEMA', n.nspname, NULL, pg_get_userbyid(n.nspowner)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = ANY ($1::oid[]) AND NOT has_schema_privilege(n.oid, 'USAGE')
UNION ALL
SELECT 'SELECT', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname, pg_get_userbyid(c.relowner)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = ANY ($1::oid[]) AND NOT has_table_privilege(c.oid, 'SELECT')
UNION ALL
SELECT 'BYPASSRLS', 'TABLE', n.nspname, c.relname, pg_get_userbyid(c.relowner)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = ANY ($1::oid[]) AND c.relrowsecurity AND row_security_active(c.oid)
 ORDER BY 1 DESC, 2, 3, 4
