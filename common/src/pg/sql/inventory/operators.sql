-- Operators, their classes and families, casts, conversions, access methods, languages and transforms.
SELECT 'pg_operator'::regclass::oid AS class,
       o.oid AS oid,
       'operator' AS kind,
       n.nspname AS schema,
       o.oprname AS name,
       format('(%s, %s)', coalesce(format_type(nullif(o.oprleft, 0), NULL), 'NONE'),
                          coalesce(format_type(nullif(o.oprright, 0), NULL), 'NONE')) AS signature,
       pg_get_userbyid(o.oprowner) AS owner,
       NULL::text AS acl,
       NULL::text AS base,
       concat_ws(', ', 'function ' || nullif(o.oprcode, 0)::regproc::text,
                 'commutator ' || nullif(o.oprcom, 0)::regoperator::text, 'negator ' || nullif(o.oprnegate, 0)::regoperator::text,
                 'restrict ' || nullif(o.oprrest, 0)::regproc::text, 'join ' || nullif(o.oprjoin, 0)::regproc::text,
                 CASE WHEN o.oprcanhash THEN 'hashes' END, CASE WHEN o.oprcanmerge THEN 'merges' END) AS definition,
       obj_description(o.oid, 'pg_operator') AS comment
  FROM pg_operator o
  JOIN pg_namespace n ON n.oid = o.oprnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_operator'::regclass AND e.objid = o.oid AND e.deptype = 'e')
UNION ALL
SELECT 'pg_opfamily'::regclass,
       f.oid,
       'operator family',
       n.nspname,
       f.opfname,
       ' USING ' || quote_ident(m.amname),
       pg_get_userbyid(f.opfowner),
       NULL, NULL,
       -- All that is in it: which class of the family an operator came with is how it is kept, not what it does.
       (SELECT string_agg(x, ', ' ORDER BY x COLLATE "C")
          FROM (SELECT format('OPERATOR %s (%s, %s) %s%s', a.amopstrategy, format_type(a.amoplefttype, NULL), format_type(a.amoprighttype, NULL),
                              a.amopopr::regoperator,
                              ' FOR ORDER BY ' || (SELECT format('%I.%I', sn.nspname, s.opfname) FROM pg_opfamily s
                                                     JOIN pg_namespace sn ON sn.oid = s.opfnamespace WHERE s.oid = a.amopsortfamily))
                  FROM pg_amop a WHERE a.amopfamily = f.oid
                UNION ALL
                SELECT format('FUNCTION %s (%s, %s) %s', a.amprocnum, format_type(a.amproclefttype, NULL), format_type(a.amprocrighttype, NULL),
                              a.amproc::regprocedure)
                  FROM pg_amproc a WHERE a.amprocfamily = f.oid) AS members(x)),
       obj_description(f.oid, 'pg_opfamily')
  FROM pg_opfamily f
  JOIN pg_namespace n ON n.oid = f.opfnamespace
  JOIN pg_am m ON m.oid = f.opfmethod
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_opfamily'::regclass AND e.objid = f.oid AND e.deptype = 'e')
UNION ALL
SELECT 'pg_opclass'::regclass,
       c.oid,
       'operator class',
       n.nspname,
       c.opcname,
       ' USING ' || quote_ident(m.amname),
       pg_get_userbyid(c.opcowner),
       NULL, NULL,
       concat_ws(', ', CASE WHEN c.opcdefault THEN 'default' END, 'for ' || format_type(c.opcintype, NULL),
                 format('family %I.%I', fn.nspname, f.opfname), 'storage ' || format_type(nullif(c.opckeytype, 0), NULL)),
       obj_description(c.oid, 'pg_opclass')
  FROM pg_opclass c
  JOIN pg_namespace n ON n.oid = c.opcnamespace
  JOIN pg_am m ON m.oid = c.opcmethod
  JOIN pg_opfamily f ON f.oid = c.opcfamily
  JOIN pg_namespace fn ON fn.oid = f.opfnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_opclass'::regclass AND e.objid = c.oid AND e.deptype = 'e')
UNION ALL
SELECT 'pg_cast'::regclass,
       c.oid,
       'cast',
       NULL,
       NULL,
       format('(%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)),
       NULL, NULL, NULL,
       concat_ws(', ', CASE c.castmethod WHEN 'f' THEN 'function ' || c.castfunc::regprocedure WHEN 'i' THEN 'by input and output' ELSE 'binary' END,
                 CASE c.castcontext WHEN 'a' THEN 'in assignments' WHEN 'i' THEN 'implicit' END),
       obj_description(c.oid, 'pg_cast')
  FROM pg_cast c
  -- Those of initdb have no place in a dump.
 WHERE c.oid >= 16384
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_cast'::regclass AND e.objid = c.oid AND e.deptype IN ('e', 'i'))
UNION ALL
SELECT 'pg_conversion'::regclass,
       c.oid,
       'conversion',
       n.nspname,
       c.conname,
       NULL,
       pg_get_userbyid(c.conowner),
       NULL, NULL,
       concat_ws(' ', CASE WHEN c.condefault THEN 'default' END, pg_encoding_to_char(c.conforencoding), 'to',
                 pg_encoding_to_char(c.contoencoding), 'by', c.conproc::regproc),
       obj_description(c.oid, 'pg_conversion')
  FROM pg_conversion c
  JOIN pg_namespace n ON n.oid = c.connamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_conversion'::regclass AND e.objid = c.oid AND e.deptype = 'e')
UNION ALL
SELECT 'pg_am'::regclass,
       m.oid,
       'access method',
       NULL,
       m.amname,
       NULL, NULL, NULL, NULL,
       CASE m.amtype WHEN 't' THEN 'of tables' ELSE 'of indexes' END || ', handler ' || m.amhandler,
       obj_description(m.oid, 'pg_am')
  FROM pg_am m
 WHERE m.oid >= 16384
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_am'::regclass AND e.objid = m.oid AND e.deptype = 'e')
UNION ALL
SELECT 'pg_language'::regclass,
       l.oid,
       'language',
       NULL,
       l.lanname,
       NULL,
       pg_get_userbyid(l.lanowner),
       l.lanacl::text,
       acldefault('l', l.lanowner)::text,
       concat_ws(', ', CASE WHEN l.lanpltrusted THEN 'trusted' END, 'handler ' || nullif(l.lanplcallfoid, 0)::regproc::text,
                 'inline ' || nullif(l.laninline, 0)::regproc::text, 'validator ' || nullif(l.lanvalidator, 0)::regproc::text),
       obj_description(l.oid, 'pg_language')
  FROM pg_language l
 WHERE l.oid >= 16384
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_language'::regclass AND e.objid = l.oid AND e.deptype = 'e')
UNION ALL
SELECT 'pg_transform'::regclass,
       t.oid,
       'transform',
       NULL,
       NULL,
       format('for %s in %I', format_type(t.trftype, NULL), l.lanname),
       NULL, NULL, NULL,
       concat_ws(', ', 'from ' || nullif(t.trffromsql, 0)::regproc::text, 'to ' || nullif(t.trftosql, 0)::regproc::text),
       obj_description(t.oid, 'pg_transform')
  FROM pg_transform t
  JOIN pg_language l ON l.oid = t.trflang
 WHERE NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_transform'::regclass AND e.objid = t.oid AND e.deptype = 'e')
