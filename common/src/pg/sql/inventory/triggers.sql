-- Triggers, rules and policies of tables and views, and event triggers.
-- A partition's trigger follows from its parent's, unless it is enabled otherwise.
SELECT 'pg_class'::regclass::oid AS class,
       c.oid AS oid,
       'trigger' AS kind,
       n.nspname AS schema,
       c.relname AS name,
       g.tgname AS part,
       pg_get_triggerdef(g.oid) AS definition,
       CASE g.tgenabled WHEN 'D' THEN 'no' WHEN 'R' THEN 'on replicas' WHEN 'A' THEN 'always' END AS enabled,
       NULL AS owner,
       NULL AS command,
       NULL AS roles,
       NULL AS "using",
       NULL AS "with check",
       NULL AS event,
       NULL AS tags,
       NULL AS function,
       d.description AS comment
  FROM pg_trigger g
  JOIN pg_class c ON c.oid = g.tgrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  --12- LEFT JOIN pg_depend ud ON ud.classid = 'pg_trigger'::regclass AND ud.objid = g.oid AND ud.refclassid = 'pg_trigger'::regclass
  --12- LEFT JOIN pg_trigger u ON u.oid = ud.refobjid
  --13+ LEFT JOIN pg_trigger u ON u.oid = g.tgparentid
  LEFT JOIN pg_description d ON d.classoid = 'pg_trigger'::regclass AND d.objoid = g.oid AND d.objsubid = 0
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND c.relpersistence <> 't'
   AND CASE WHEN u.oid IS NULL THEN NOT g.tgisinternal ELSE NOT u.tgisinternal AND u.tgenabled <> g.tgenabled END
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_trigger'::regclass AND e.objid = g.oid AND e.deptype = 'e')
UNION ALL
SELECT 'pg_class'::regclass,
       c.oid,
       'rule',
       n.nspname,
       c.relname,
       r.rulename,
       pg_get_ruledef(r.oid),
       CASE r.ev_enabled WHEN 'D' THEN 'no' WHEN 'R' THEN 'on replicas' WHEN 'A' THEN 'always' END,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       d.description
  FROM pg_rewrite r
  JOIN pg_class c ON c.oid = r.ev_class
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_description d ON d.classoid = 'pg_rewrite'::regclass AND d.objoid = r.oid AND d.objsubid = 0
 WHERE r.rulename <> '_RETURN' AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
UNION ALL
SELECT 'pg_policy'::regclass,
       p.oid,
       'policy',
       n.nspname,
       c.relname,
       p.polname,
       CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END,
       NULL,
       NULL,
       CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END,
       (SELECT string_agg(CASE WHEN o = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(o)) END, ', '
                          ORDER BY CASE WHEN o <> 0 THEN pg_get_userbyid(o) END COLLATE "C")
          FROM unnest(p.polroles) o),
       pg_get_expr(p.polqual, p.polrelid),
       pg_get_expr(p.polwithcheck, p.polrelid),
       NULL, NULL, NULL,
       d.description
  FROM pg_policy p
  JOIN pg_class c ON c.oid = p.polrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_description d ON d.classoid = 'pg_policy'::regclass AND d.objoid = p.oid AND d.objsubid = 0
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'pg_event_trigger'::regclass,
       v.oid,
       'event trigger',
       NULL,
       v.evtname,
       NULL,
       NULL,
       CASE v.evtenabled WHEN 'D' THEN 'no' WHEN 'R' THEN 'on replicas' WHEN 'A' THEN 'always' END,
       pg_get_userbyid(v.evtowner),
       NULL, NULL, NULL, NULL,
       v.evtevent,
       (SELECT string_agg(t, ', ' ORDER BY t) FROM unnest(v.evttags) t),
       (SELECT format('%I.%I', pn.nspname, p.proname)
          FROM pg_proc p JOIN pg_namespace pn ON pn.oid = p.pronamespace WHERE p.oid = v.evtfoid),
       obj_description(v.oid, 'pg_event_trigger')
  FROM pg_event_trigger v
 WHERE NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_event_trigger'::regclass AND e.objid = v.oid AND e.deptype = 'e')
