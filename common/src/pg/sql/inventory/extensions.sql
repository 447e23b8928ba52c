-- Extensions. Who owns one is not kept by pg_dump: it is who restores it.
SELECT 'pg_extension'::regclass::oid AS class,
       e.oid AS oid,
       'extension' AS kind,
       e.extname AS name,
       e.extversion AS version,
       quote_ident(n.nspname) AS "schema of its objects",
       obj_description(e.oid, 'pg_extension') AS comment
  FROM pg_extension e
  JOIN pg_namespace n ON n.oid = e.extnamespace
