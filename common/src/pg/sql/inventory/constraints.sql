-- Constraints of tables and domains. Triggers that were made as such are triggers. A partition's foreign key follows from
-- its parent's, down to a name that is made up.
-- Not-null constraints, objects since 18, are here for what pg_dump carries of them beside "not null" itself:
-- a name of their own, not being valid, and not being inherited.
SELECT CASE WHEN k.contypid <> 0 THEN 'pg_type'::regclass ELSE 'pg_class'::regclass END::oid AS class,
       coalesce(nullif(k.contypid, 0), k.conrelid) AS oid,
       'constraint' AS kind,
       n.nspname AS schema,
       coalesce(c.relname, t.typname) AS name,
       k.conname AS part,
       regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') AS definition,
       --17- CASE WHEN NOT k.convalidated THEN 'no' END AS validated,
       -- What is not enforced is not validated either.
       --18+ CASE WHEN NOT k.convalidated AND k.conenforced THEN 'no' END AS validated,
       CASE WHEN k.coninhcount > 0 AND k.conislocal THEN 'inherited, and its own' WHEN k.coninhcount > 0 THEN 'inherited' END AS origin,
       d.description AS comment
  FROM pg_constraint k
  LEFT JOIN pg_class c ON c.oid = k.conrelid
  LEFT JOIN pg_type t ON t.oid = k.contypid
  JOIN pg_namespace n ON n.oid = coalesce(c.relnamespace, t.typnamespace)
  LEFT JOIN pg_description d ON d.classoid = 'pg_constraint'::regclass AND d.objoid = k.oid AND d.objsubid = 0
 WHERE k.contype <> 't' AND NOT (k.contype = 'f' AND k.conparentid <> 0)
   AND c.relpersistence IS DISTINCT FROM 't'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   --17+ AND NOT (k.contype = 'n' AND k.contypid <> 0 AND k.conname = left(t.typname || '_not_null', 63) AND d.description IS NULL)
   --18+ AND NOT (k.contype = 'n' AND k.conrelid <> 0 AND k.convalidated AND NOT k.connoinherit AND d.description IS NULL
   --18+          AND (NOT k.conislocal
   --18+               OR k.conname = left(format('%s_%s_not_null', c.relname,
   --18+                                   (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1])), 63)))
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.deptype = 'e'
                      AND (e.classid, e.objid) IN (('pg_class'::regclass, k.conrelid), ('pg_type'::regclass, k.contypid)))
