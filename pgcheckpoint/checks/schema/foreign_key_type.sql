-- Foreign keys whose columns have another type than what they point to: values may not fit, and comparing is slower.
-- severity: info
-- scope: database
-- reads: pg_constraint, pg_attribute
-- message: foreign key {constraint} of {object}: {column} is {type}, what it points to is {other}
-- fine: every foreign key has the type of what it points to
-- hint: ALTER TABLE {object} ALTER COLUMN {column} TYPE {other};
SELECT n.nspname AS schema, c.relname AS name, quote_ident(k.conname) AS constraint, quote_ident(a.attname) AS column, 1 AS value,
       format_type(a.atttypid, a.atttypmod) AS type, format_type(b.atttypid, b.atttypmod) AS other,
       format('%I.%I.%I.%I', n.nspname, c.relname, k.conname, a.attname) AS key
  FROM pg_constraint k
  JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace,
       unnest(k.conkey, k.confkey) AS pair(own, far)
  JOIN pg_attribute a ON a.attnum = pair.own
  JOIN pg_attribute b ON b.attnum = pair.far
 WHERE k.contype = 'f' AND k.conparentid = 0 AND a.attrelid = k.conrelid AND b.attrelid = k.confrelid AND a.atttypid <> b.atttypid
