-- How much of its range a sequence has used up; the range ends where the sequence's does, or its column's type.
-- unit: ratio
-- warn: 75%
-- crit: 90%
-- scope: database
-- reads: pg_sequence, pg_sequence_last_value(), pg_depend, pg_attrdef
-- grant: GRANT SELECT on the sequences TO {role};
-- message: sequence {object} has used {value} of its range, {left} values are left
-- fine: there is no sequence that could end
-- hint: before it ends, and inserts fail: {remedy}
WITH sequences AS (
  SELECT s.seqrelid, n.nspname, c.relname, s.seqincrement, s.seqmin, s.seqmax, s.seqstart,
         has_sequence_privilege(c.oid, 'SELECT,USAGE') AS readable,
         CASE WHEN has_sequence_privilege(c.oid, 'SELECT,USAGE') AND (c.relpersistence = 'p' OR NOT pg_is_in_recovery())
              THEN pg_sequence_last_value(c.oid) END AS last,
         owner.type, owner.col
    FROM pg_sequence s
    JOIN pg_class c ON c.oid = s.seqrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN LATERAL (
           -- The column that owns it, or one whose default asks it.
           SELECT a.atttypid::regtype::text AS type, format('%s ALTER COLUMN %I TYPE', a.attrelid::regclass, a.attname) AS col
             FROM (SELECT d.refobjid AS rel, d.refobjsubid AS att FROM pg_depend d
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
                    UNION
                   SELECT f.adrelid, f.adnum FROM pg_depend d JOIN pg_attrdef f ON f.oid = d.objid
                    WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = s.seqrelid) AS used
             JOIN pg_attribute a ON a.attrelid = used.rel AND a.attnum = used.att
            ORDER BY CASE a.atttypid::regtype::text WHEN 'smallint' THEN 1 WHEN 'integer' THEN 2 ELSE 3 END
            LIMIT 1) AS owner ON true
   WHERE NOT s.seqcycle AND c.relpersistence <> 't'),
ranges AS (
  SELECT *,
         least(seqmax, CASE type WHEN 'smallint' THEN 32767 WHEN 'integer' THEN 2147483647 ELSE seqmax END)::numeric AS upper,
         greatest(seqmin, CASE type WHEN 'smallint' THEN -32768 WHEN 'integer' THEN -2147483648 ELSE seqmin END)::numeric AS lower
    FROM sequences)
SELECT nspname AS schema, relname AS name,
       CASE WHEN type IN ('smallint', 'integer') THEN format('ALTER TABLE %s bigint;', col)
            ELSE format('ALTER SEQUENCE %I.%I %s ...;', nspname, relname, CASE WHEN seqincrement > 0 THEN 'MAXVALUE' ELSE 'MINVALUE' END) END AS remedy, NULL AS status, NULL AS message, NULL AS hint,
       CASE WHEN seqincrement > 0 THEN div(upper - coalesce(last, seqstart), seqincrement)
            ELSE div(lower - coalesce(last, seqstart), seqincrement) END AS "left",
       round(CASE WHEN seqincrement > 0 THEN (coalesce(last, seqstart) - seqmin) / nullif(upper - seqmin, 0)
                  ELSE (seqmax - coalesce(last, seqstart)) / nullif(seqmax - lower, 0) END, 4)::float8 AS value
  FROM ranges WHERE readable
UNION ALL
SELECT NULL, NULL, NULL, 'unknown', format('sequences that may not be read: %s of %s', count(*) FILTER (WHERE NOT readable), count(*)),
       'GRANT SELECT ON ALL SEQUENCES IN SCHEMA ' || string_agg(DISTINCT quote_ident(nspname), ', ') FILTER (WHERE NOT readable) || ' TO {role};', NULL, NULL
  FROM ranges HAVING count(*) FILTER (WHERE NOT readable) > 0
