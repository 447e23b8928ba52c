-- Tables whose row security is half done: policies that nobody enforces, or row security that lets nobody see a row.
-- severity: warn
-- scope: database
-- reads: pg_class, pg_policy
-- message: {object} has {what}
-- fine: row security is either off without policies or on with some
-- hint: {remedy}
SELECT n.nspname AS schema, c.relname AS name, 1 AS value,
       CASE WHEN c.relrowsecurity THEN 'row security and no policy' ELSE 'policies, and row security is off' END AS what,
       CASE WHEN c.relrowsecurity THEN format('CREATE POLICY ... ON %I.%I ...;', n.nspname, c.relname) ELSE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY;', n.nspname, c.relname) END AS remedy
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity <> EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
