-- Which view (or materialised view) reads which relation.
SELECT DISTINCT r.ev_class, d.refobjid
  FROM pg_depend d
  JOIN pg_rewrite r ON r.oid = d.objid
 WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
