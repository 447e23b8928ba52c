-- Tables without a primary key: logical replication cannot tell their rows apart, nor can people.
-- unit: bytes
-- severity: info
-- scope: database
-- reads: pg_class, pg_index
-- message: {object} has no primary key
-- fine: every table has a primary key
-- hint: ALTER TABLE {object} ADD PRIMARY KEY (…);
SELECT n.nspname AS schema, c.relname AS name, greatest(c.relpages, 0)::bigint * current_setting('block_size')::int AS value
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
   AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
   AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
   -- What belongs to an extension is its author's business.
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
