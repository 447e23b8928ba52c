-- Types that somebody made: enums, domains, composites, ranges, base types and shells of them.
-- Tables' row types, arrays and multiranges follow from others.
SELECT 'pg_type'::regclass::oid AS class,
       t.oid AS oid,
       CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END AS kind,
       n.nspname AS schema,
       t.typname AS name,
       pg_get_userbyid(t.typowner) AS owner,
       t.typacl::text AS acl,
       CASE WHEN t.typacl IS NOT NULL THEN acldefault('T', t.typowner)::text END AS base,
       CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'c' THEN 'composite' WHEN 'r' THEN 'range' WHEN 'b' THEN 'base' WHEN 'p' THEN 'shell' END AS variety,
       (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
          FROM pg_enum e WHERE e.enumtypid = t.oid) AS labels,
       CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS "based on",
       CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation OR t.typtype = 'r' AND r.rngcollation <> 0 AND r.rngcollation <> rs.typcollation THEN
         (SELECT format('%I.%I', ln.nspname, l.collname)
            FROM pg_collation l JOIN pg_namespace ln ON ln.oid = l.collnamespace
           WHERE l.oid = CASE t.typtype WHEN 'd' THEN t.typcollation ELSE r.rngcollation END) END AS collation,
       CASE WHEN t.typtype = 'd' AND t.typnotnull THEN 'yes' END AS "not null",
       CASE WHEN t.typtype IN ('d', 'b') THEN coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault) END AS "default",
       format_type(r.rngsubtype, NULL) AS subtype,
       (SELECT format('%I.%I', on_.nspname, o.opcname)
          FROM pg_opclass o JOIN pg_namespace on_ ON on_.oid = o.opcnamespace
         WHERE o.oid = r.rngsubopc) AS "operator class",
       nullif(r.rngcanonical, 0)::regproc AS canonical,
       nullif(r.rngsubdiff, 0)::regproc AS "subtype difference",
       --14+ CASE WHEN r.rngmultitypid <> 0 THEN format_type(r.rngmultitypid, NULL) END AS multirange,
       CASE WHEN t.typtype = 'b' THEN
         concat_ws(', ', 'length ' || t.typlen, CASE WHEN t.typbyval THEN 'by value' END, 'category ' || t.typcategory::text,
                   CASE WHEN t.typispreferred THEN 'preferred' END, 'delimiter ' || t.typdelim::text, 'alignment ' || t.typalign::text,
                   'storage ' || t.typstorage::text, CASE WHEN t.typcollation <> 0 THEN 'collatable' END,
                   'input ' || t.typinput::regproc::text, 'output ' || t.typoutput::regproc::text,
                   'receive ' || nullif(t.typreceive, 0)::regproc::text, 'send ' || nullif(t.typsend, 0)::regproc::text,
                   'modifier in ' || nullif(t.typmodin, 0)::regproc::text, 'modifier out ' || nullif(t.typmodout, 0)::regproc::text,
                   'analyze ' || nullif(t.typanalyze, 0)::regproc::text, 'element ' || format_type(nullif(t.typelem, 0), NULL))
       END AS definition,
       d.description AS comment
  FROM pg_type t
  JOIN pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_type b ON b.oid = t.typbasetype
  LEFT JOIN pg_range r ON r.rngtypid = t.oid
  LEFT JOIN pg_type rs ON rs.oid = r.rngsubtype
  LEFT JOIN pg_class c ON c.oid = t.typrelid
  LEFT JOIN pg_description d ON d.classoid = 'pg_type'::regclass AND d.objoid = t.oid AND d.objsubid = 0
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND (t.typtype IN ('e', 'd', 'r', 'b') OR (t.typtype = 'p' AND NOT t.typisdefined) OR (t.typtype = 'c' AND c.relkind = 'c'))
   -- An array's element leads back to it.
   AND NOT EXISTS (SELECT FROM pg_type o WHERE o.oid = t.typelem AND o.typarray = t.oid)
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e')
