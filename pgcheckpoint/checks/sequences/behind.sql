-- Sequences that are behind the largest value of their column, as after a copy of rows: inserts will fail with a duplicate key.
-- severity: crit
-- scope: database
-- on: primary
-- grant: GRANT SELECT on the sequences and their tables TO {role};
-- reads: pg_sequence_last_value(), the largest value of the column by its index, or in pg_stats where ANALYZE has read the whole table and nothing has changed since
-- message: {object} is at {last}, and {column} of {table} goes up to {most}
-- fine: every sequence is at or beyond the largest value of its column
-- hint: SELECT setval({literal}, {most});
WITH owned AS (
  SELECT c.oid, n.nspname, c.relname, t.oid AS tableid, tn.nspname AS tschema, t.relname AS tname, a.attname,
         -- Whether statistics tell of all rows as they are: each table that has to be asked costs half a millisecond.
         t.relkind = 'r' AND NOT t.relhassubclass AND t.reltuples BETWEEN 0 AND 300 * least(100, current_setting('default_statistics_target')::int)
           AND pg_stat_get_mod_since_analyze(t.oid) = 0
           AND coalesce(pg_stat_get_last_analyze_time(t.oid), pg_stat_get_last_autoanalyze_time(t.oid)) IS NOT NULL AS known,
         t.reltuples = 0 AND t.relpages = 0 AS empty,
         has_sequence_privilege(c.oid, 'SELECT,USAGE') AND has_column_privilege(t.oid, a.attnum, 'SELECT') AND has_schema_privilege(tn.oid, 'USAGE') AS readable
    FROM pg_sequence s
    JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
    JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace tn ON tn.oid = t.relnamespace
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
   WHERE s.seqincrement > 0 AND NOT s.seqcycle AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
     -- Only where an index tells the largest value at once; and row security would hide some.
     AND NOT t.relrowsecurity AND t.relkind IN ('r', 'p')
     AND EXISTS (SELECT FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_am m ON m.oid = ic.relam
                  WHERE i.indrelid = t.oid AND i.indkey[0] = a.attnum AND i.indisvalid AND i.indpred IS NULL AND m.amname = 'btree'))
-- max() would take twice as long to plan.
-- The largest value is asked of each table by itself: one that is locked hides no other.
SELECT nspname AS schema, relname AS name, NULL AS status, NULL AS message, NULL AS hint,
       coalesce(last::text, 'its start') AS last, quote_ident(o.attname) AS column, format('%I.%I', tschema, tname) AS table,
       quote_literal(format('%I.%I', nspname, relname)) AS literal,
       format('SELECT %1$I AS most, %1$I - %2$s AS value FROM %3$I.%4$I WHERE %1$I > %2$s ORDER BY 1 DESC LIMIT 1', o.attname, coalesce(last, 0), tschema, tname) AS ask
  FROM (SELECT *, pg_sequence_last_value(oid) AS last FROM owned WHERE readable) AS o
 -- Values that occur once are all in the histogram, whose last one is the largest.
 WHERE CASE WHEN NOT known THEN true WHEN empty THEN false
            ELSE (SELECT (regexp_match(histogram_bounds::text, '(-?[0-9]+)}$'))[1]::bigint <= coalesce(last, 0) FROM pg_stats s
                   WHERE s.schemaname = tschema AND s.tablename = tname AND s.attname = o.attname AND NOT inherited AND n_distinct = -1 AND most_common_vals IS NULL)
                 IS NOT TRUE END
UNION ALL
SELECT NULL, NULL, 'unknown', format('sequences whose values or tables may not be read: %s', count(*)),
       format('GRANT USAGE ON SCHEMA %1$s TO {role}; GRANT SELECT ON ALL SEQUENCES IN SCHEMA %1$s TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA %1$s TO {role};',
              (SELECT string_agg(DISTINCT quote_ident(s), ', ') FROM (SELECT unnest(array_agg(nspname) || array_agg(tschema))) AS n(s))), NULL, NULL, NULL, NULL, NULL
  FROM owned WHERE NOT readable HAVING count(*) > 0
