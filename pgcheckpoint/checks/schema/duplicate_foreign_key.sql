-- Foreign keys that say the same as another one of their table: each is checked on every write.
-- severity: info
-- scope: database
-- reads: pg_constraint
-- message: foreign key {constraint} of {object} says the same as {other}
-- fine: no two foreign keys say the same
-- hint: ALTER TABLE {object} DROP CONSTRAINT {constraint};
SELECT schema, name, "constraint", other, key, 1 AS value
  FROM (SELECT n.nspname AS schema, c.relname AS name, quote_ident(k.conname) AS constraint, format('%I.%I.%I', n.nspname, c.relname, k.conname) AS key,
               first_value(quote_ident(k.conname)) OVER same AS other, row_number() OVER same AS number
          FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE k.contype = 'f' AND k.conparentid = 0
        WINDOW same AS (PARTITION BY k.conrelid, k.confrelid, k.conkey, k.confkey ORDER BY k.oid)) AS k
 WHERE number > 1
