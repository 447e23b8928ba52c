-- Foreign data wrappers, servers and user mappings. Of a mapping's options only the names: values may be passwords.
SELECT 'pg_foreign_data_wrapper'::regclass::oid AS class,
       w.oid AS oid,
       'foreign data wrapper' AS kind,
       w.fdwname AS name,
       NULL::text AS signature,
       pg_get_userbyid(w.fdwowner) AS owner,
       w.fdwacl::text AS acl,
       CASE WHEN w.fdwacl IS NOT NULL THEN acldefault('F', w.fdwowner)::text END AS base,
       concat_ws(', ', 'handler ' || nullif(w.fdwhandler, 0)::regproc::text, 'validator ' || nullif(w.fdwvalidator, 0)::regproc::text) AS definition,
       (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(w.fdwoptions) o) AS options,
       NULL::text AS type,
       NULL::text AS version,
       obj_description(w.oid, 'pg_foreign_data_wrapper') AS comment
  FROM pg_foreign_data_wrapper w
 WHERE NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_foreign_data_wrapper'::regclass AND e.objid = w.oid AND e.deptype = 'e')
UNION ALL
SELECT 'pg_foreign_server'::regclass,
       s.oid,
       'server',
       s.srvname,
       NULL,
       pg_get_userbyid(s.srvowner),
       s.srvacl::text,
       CASE WHEN s.srvacl IS NOT NULL THEN acldefault('S', s.srvowner)::text END,
       'wrapper ' || quote_ident(w.fdwname),
       (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(s.srvoptions) o),
       s.srvtype,
       s.srvversion,
       obj_description(s.oid, 'pg_foreign_server')
  FROM pg_foreign_server s
  JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
 WHERE NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_foreign_server'::regclass AND e.objid = s.oid AND e.deptype = 'e')
UNION ALL
SELECT 'pg_user_mapping'::regclass,
       m.umid,
       'user mapping',
       NULL,
       format('for %s on %I', CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(m.umuser)) END, m.srvname),
       NULL, NULL, NULL, NULL,
       CASE WHEN m.umoptions IS NOT NULL THEN (SELECT string_agg(split_part(o, '=', 1), ', ' ORDER BY o) FROM unnest(m.umoptions) o)
            -- The condition of the view pg_user_mappings.
            WHEN NOT (r.rolsuper OR CASE m.umuser WHEN 0 THEN pg_has_role(s.srvowner, 'USAGE')
                                      ELSE m.umuser = r.oid AND (pg_has_role(s.srvowner, 'USAGE') OR has_server_privilege(s.oid, 'USAGE')) END)
              THEN '(not readable)' END,
       NULL, NULL, NULL
  FROM pg_user_mappings m
  JOIN pg_foreign_server s ON s.oid = m.srvid
  JOIN pg_roles r ON r.rolname = current_user
