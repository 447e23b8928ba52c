-- Indexes whose columns another one begins with: it can do the same work, if somewhat slower.
-- unit: bytes
-- severity: info
-- scope: database
-- reads: pg_index
-- message: index {object} ({value}) is the beginning of {other}
-- fine: no index is the beginning of another
-- hint: if the larger one serves all its queries: DROP INDEX CONCURRENTLY {object};
SELECT n.nspname AS schema, c.relname AS name, c.relpages::bigint * current_setting('block_size')::int AS value,
       min(format('%I.%I', n.nspname, oc.relname)) AS other
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_am a ON a.oid = c.relam AND a.amname = 'btree'
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_index o ON o.indrelid = i.indrelid AND o.indexrelid <> i.indexrelid AND o.indnatts > i.indnatts AND o.indisvalid
  JOIN pg_class oc ON oc.oid = o.indexrelid AND oc.relam = c.relam
 WHERE i.indisvalid AND NOT i.indisunique AND NOT i.indisreplident AND i.indnatts = i.indnkeyatts
   AND i.indexprs IS NULL AND o.indexprs IS NULL
   AND coalesce(i.indpred::text, '') = coalesce(o.indpred::text, '')
   AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
   AND (o.indkey::text || ' ') LIKE (i.indkey::text || ' %') AND (o.indclass::text || ' ') LIKE (i.indclass::text || ' %')
   AND (o.indoption::text || ' ') LIKE (i.indoption::text || ' %') AND (o.indcollation::text || ' ') LIKE (i.indcollation::text || ' %')
   AND o.indnkeyatts >= i.indnkeyatts
 GROUP BY n.nspname, c.relname, c.relpages
