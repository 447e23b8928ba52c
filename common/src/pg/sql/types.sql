-- What the database's own types are made of: labels of enums, attributes of composites, bases of domains.
SELECT format_type(e.enumtypid, NULL) || ' ' || e.enumsortorder || ' ' || e.enumlabel
  FROM pg_enum e
UNION ALL
SELECT format_type(t.oid, NULL) || ' ' || a.attnum || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
  FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c' JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE NOT a.attisdropped AND t.typnamespace <> 'pg_catalog'::regnamespace
   AND t.typnamespace <> 'information_schema'::regnamespace
UNION ALL
SELECT format_type(t.oid, NULL) || ' ' || format_type(t.typbasetype, t.typtypmod)
  FROM pg_type t
 WHERE t.typtype = 'd' AND t.typnamespace <> 'information_schema'::regnamespace
ORDER BY 1
