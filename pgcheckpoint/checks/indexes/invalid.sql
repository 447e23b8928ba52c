-- Indexes that are not valid, such as what a failed CREATE INDEX CONCURRENTLY leaves: they cost writes and help nobody.
-- unit: bytes
-- severity: crit
-- scope: database
-- reads: pg_index, pg_stat_progress_create_index
-- message: index {object} of {table} is not valid
-- fine: every index is valid
-- hint: REINDEX INDEX CONCURRENTLY {object}; or DROP INDEX CONCURRENTLY {object};
SELECT n.nspname AS schema, c.relname AS name, format('%I.%I', tn.nspname, t.relname) AS table,
       c.relpages::bigint * current_setting('block_size')::int AS value
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_class t ON t.oid = i.indrelid
  JOIN pg_namespace tn ON tn.oid = t.relnamespace
 WHERE NOT i.indisvalid AND c.relkind <> 'I' AND n.nspname <> 'pg_toast'
   AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid OR p.relid = i.indrelid)
