-- Sequences, without where they stand.
SELECT 'pg_class'::regclass::oid AS class,
       c.oid AS oid,
       'sequence' AS kind,
       n.nspname AS schema,
       c.relname AS name,
       pg_get_userbyid(c.relowner) AS owner,
       c.relacl::text AS acl,
       CASE WHEN c.relacl IS NOT NULL THEN acldefault('s', c.relowner)::text END AS base,
       CASE c.relpersistence WHEN 'u' THEN 'unlogged' END AS persistence,
       format_type(s.seqtypid, NULL) AS type,
       s.seqstart AS start,
       s.seqincrement AS increment,
       s.seqmin AS minimum,
       s.seqmax AS maximum,
       nullif(s.seqcache, 1) AS cache,
       CASE WHEN s.seqcycle THEN 'yes' END AS cycle,
       CASE WHEN a.attname IS NOT NULL THEN format('%I.%I.%I', tn.nspname, t.relname, a.attname) END AS "owned by",
       CASE w.deptype WHEN 'i' THEN 'yes' END AS identity,
       d.description AS comment
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_sequence s ON s.seqrelid = c.oid
  LEFT JOIN pg_depend w ON w.classid = 'pg_class'::regclass AND w.objid = c.oid AND w.objsubid = 0
                       AND w.refclassid = 'pg_class'::regclass AND w.deptype IN ('a', 'i')
  LEFT JOIN pg_class t ON t.oid = w.refobjid
  LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
  LEFT JOIN pg_attribute a ON a.attrelid = w.refobjid AND a.attnum = w.refobjsubid
  LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
 WHERE c.relkind = 'S' AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
