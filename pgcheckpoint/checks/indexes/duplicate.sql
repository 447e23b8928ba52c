-- Indexes that are the same as another one of their table: each costs its share of every write.
-- unit: bytes
-- severity: info
-- scope: database
-- reads: pg_index
-- message: index {object} ({value}) is the same as {other}
-- fine: no two indexes are the same
-- hint: DROP INDEX CONCURRENTLY {object};
SELECT schema, name, other, value
  FROM (SELECT n.nspname AS schema, c.relname AS name, c.relpages::bigint * current_setting('block_size')::int AS value,
               first_value(format('%I.%I', n.nspname, c.relname)) OVER same AS other, row_number() OVER same AS number
          FROM pg_index i
          JOIN pg_class c ON c.oid = i.indexrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE i.indisvalid AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
        -- The one that guarantees something stays.
        WINDOW same AS (PARTITION BY i.indrelid, c.relam, i.indkey::text, i.indclass::text, i.indcollation::text, i.indoption::text,
                                     coalesce(i.indexprs::text, ''), coalesce(i.indpred::text, ''), i.indnkeyatts
                        ORDER BY i.indisprimary DESC, i.indisunique DESC, i.indisreplident DESC, c.oid)) AS i
 WHERE number > 1
