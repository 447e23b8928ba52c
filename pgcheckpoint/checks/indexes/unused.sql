-- Indexes larger than 1 MB that nobody has used for a month or more and that guarantee nothing.
-- unit: bytes
-- severity: info
-- scope: database
-- reads: pg_stat_user_indexes, pg_index, pg_constraint
-- message: index {object} ({value}) of {table} was used {scans} times in {days} days
-- fine: no index is unused, as far as the statistics reach back
-- hint: if no standby and no yearly job needs it: DROP INDEX CONCURRENTLY {object};
SELECT s.schemaname AS schema, s.indexrelname AS name, format('%I.%I', s.schemaname, s.relname) AS table, s.idx_scan AS scans,
       extract(day FROM now() - d.since)::int AS days,
       c.relpages::bigint * current_setting('block_size')::int AS value
  FROM pg_stat_user_indexes s
  JOIN pg_index i ON i.indexrelid = s.indexrelid
  JOIN pg_class c ON c.oid = s.indexrelid,
       (SELECT coalesce(stats_reset, pg_postmaster_start_time()) AS since FROM pg_stat_database WHERE datname = current_database()) AS d
 WHERE s.idx_scan <= 20 AND NOT i.indisunique AND NOT i.indisreplident AND i.indisvalid
   AND c.relpages::bigint * current_setting('block_size')::int >= 1048576
   AND d.since < now() - interval '30 days'
   AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = s.indexrelid)
   -- The index of a foreign key is used by deletes that may be rare.
   AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = i.indrelid AND k.conkey[1] = i.indkey[0])
