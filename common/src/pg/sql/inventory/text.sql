-- Collations, extended statistics, and what text search is made of.
SELECT 'pg_collation'::regclass::oid AS class,
       l.oid AS oid,
       'collation' AS kind,
       n.nspname AS schema,
       l.collname AS name,
       NULL::text AS of_schema,
       NULL::text AS of_name,
       pg_get_userbyid(l.collowner) AS owner,
       concat_ws(', ', CASE l.collprovider WHEN 'i' THEN 'icu' WHEN 'c' THEN 'libc' WHEN 'b' THEN 'builtin' WHEN 'd' THEN 'default' END,
                 coalesce(j->>'colllocale', j->>'colliculocale', CASE WHEN l.collcollate = l.collctype THEN l.collcollate
                          ELSE format('LC_COLLATE %s, LC_CTYPE %s', l.collcollate, l.collctype) END)) AS definition,
       CASE WHEN NOT l.collisdeterministic THEN 'no' END AS deterministic,
       j->>'collicurules' AS rules,
       NULL::integer AS "statistics target",
       l.collversion AS version,
       obj_description(l.oid, 'pg_collation') AS comment
  FROM pg_collation l
  JOIN pg_namespace n ON n.oid = l.collnamespace, to_jsonb(l) j
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_collation'::regclass AND e.objid = l.oid AND e.deptype = 'e')
UNION ALL
SELECT 'pg_statistic_ext'::regclass,
       s.oid,
       'statistics',
       n.nspname,
       s.stxname,
       cn.nspname,
       c.relname,
       pg_get_userbyid(s.stxowner),
       pg_get_statisticsobjdef(s.oid),
       NULL, NULL,
       --13+ nullif(s.stxstattarget, -1),
       --12- NULL,
       NULL,
       obj_description(s.oid, 'pg_statistic_ext')
  FROM pg_statistic_ext s
  JOIN pg_namespace n ON n.oid = s.stxnamespace
  JOIN pg_class c ON c.oid = s.stxrelid
  JOIN pg_namespace cn ON cn.oid = c.relnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_statistic_ext'::regclass AND e.objid = s.oid AND e.deptype = 'e')
UNION ALL
SELECT 'pg_ts_config'::regclass,
       x.oid,
       'text search configuration',
       n.nspname,
       x.cfgname,
       NULL, NULL,
       pg_get_userbyid(x.cfgowner),
       (SELECT format('parser %I.%I', pn.nspname, p.prsname)
          FROM pg_ts_parser p JOIN pg_namespace pn ON pn.oid = p.prsnamespace WHERE p.oid = x.cfgparser)
       || coalesce('; ' || (SELECT string_agg(format('%s: %s', m.alias, m.dictionaries), '; ' ORDER BY m.alias COLLATE "C")
                              FROM (SELECT t.alias, string_agg(format('%I.%I', dn.nspname, d.dictname), ', ' ORDER BY m.mapseqno)
                                      FROM pg_ts_config_map m
                                      JOIN ts_token_type(x.cfgparser) t ON t.tokid = m.maptokentype
                                      JOIN pg_ts_dict d ON d.oid = m.mapdict
                                      JOIN pg_namespace dn ON dn.oid = d.dictnamespace
                                     WHERE m.mapcfg = x.oid
                                     GROUP BY t.alias) AS m(alias, dictionaries)), ''),
       NULL, NULL, NULL, NULL,
       obj_description(x.oid, 'pg_ts_config')
  FROM pg_ts_config x
  JOIN pg_namespace n ON n.oid = x.cfgnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_ts_config'::regclass AND e.objid = x.oid AND e.deptype = 'e')
UNION ALL
SELECT 'pg_ts_dict'::regclass,
       x.oid,
       'text search dictionary',
       n.nspname,
       x.dictname,
       NULL, NULL,
       pg_get_userbyid(x.dictowner),
       (SELECT format('template %I.%I', tn.nspname, t.tmplname)
          FROM pg_ts_template t JOIN pg_namespace tn ON tn.oid = t.tmplnamespace WHERE t.oid = x.dicttemplate)
       || coalesce(', ' || x.dictinitoption, ''),
       NULL, NULL, NULL, NULL,
       obj_description(x.oid, 'pg_ts_dict')
  FROM pg_ts_dict x
  JOIN pg_namespace n ON n.oid = x.dictnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_ts_dict'::regclass AND e.objid = x.oid AND e.deptype = 'e')
UNION ALL
SELECT 'pg_ts_parser'::regclass,
       x.oid,
       'text search parser',
       n.nspname,
       x.prsname,
       NULL, NULL, NULL,
       concat_ws(', ', x.prsstart, x.prstoken, x.prsend, x.prslextype, nullif(x.prsheadline, 0)::regproc),
       NULL, NULL, NULL, NULL,
       obj_description(x.oid, 'pg_ts_parser')
  FROM pg_ts_parser x
  JOIN pg_namespace n ON n.oid = x.prsnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_ts_parser'::regclass AND e.objid = x.oid AND e.deptype = 'e')
UNION ALL
SELECT 'pg_ts_template'::regclass,
       x.oid,
       'text search template',
       n.nspname,
       x.tmplname,
       NULL, NULL, NULL,
       concat_ws(', ', nullif(x.tmplinit, 0)::regproc, x.tmpllexize),
       NULL, NULL, NULL, NULL,
       obj_description(x.oid, 'pg_ts_template')
  FROM pg_ts_template x
  JOIN pg_namespace n ON n.oid = x.tmplnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_ts_template'::regclass AND e.objid = x.oid AND e.deptype = 'e')
