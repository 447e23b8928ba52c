-- Constraints that hold for new rows only: nobody has looked whether the old ones fit.
-- severity: warn
-- scope: database
-- reads: pg_constraint
-- message: constraint {constraint} of {object} is not validated
-- fine: every constraint is validated
-- hint: ALTER TABLE {object} VALIDATE CONSTRAINT {constraint};
SELECT n.nspname AS schema, c.relname AS name, quote_ident(k.conname) AS constraint, format('%I.%I.%I', n.nspname, c.relname, k.conname) AS key, 1 AS value
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT k.convalidated
