-- Publications with what is in them, and subscriptions: not where they lead, which may hold a password, and not
-- whether they are enabled, which a restore leaves off.
SELECT 'pg_publication'::regclass::oid AS class,
       p.oid AS oid,
       'publication' AS kind,
       NULL::text AS schema,
       p.pubname AS name,
       NULL::text AS part,
       pg_get_userbyid(p.pubowner) AS owner,
       concat_ws(', ', CASE WHEN p.puballtables THEN 'all tables' END, CASE WHEN p.pubinsert THEN 'insert' END,
                 CASE WHEN p.pubupdate THEN 'update' END, CASE WHEN p.pubdelete THEN 'delete' END,
                 CASE WHEN p.pubtruncate THEN 'truncate' END, CASE WHEN (j->>'pubviaroot')::boolean THEN 'via root' END,
                 CASE j->>'pubgencols' WHEN 's' THEN 'stored generated columns' END) AS definition,
       NULL::text AS columns,
       NULL::text AS "where",
       obj_description(p.oid, 'pg_publication') AS comment
  FROM pg_publication p, to_jsonb(p) j
UNION ALL
SELECT 'pg_publication_rel'::regclass,
       r.oid,
       'published table',
       n.nspname,
       c.relname,
       p.pubname,
       NULL, NULL,
       --15+ (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
       --15+    FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)),
       --15+ pg_get_expr(r.prqual, r.prrelid),
       --14- NULL, NULL,
       NULL
  FROM pg_publication_rel r
  JOIN pg_publication p ON p.oid = r.prpubid
  JOIN pg_class c ON c.oid = r.prrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
--15+ UNION ALL SELECT 'pg_publication_namespace'::regclass, s.oid, 'published schema', NULL, n.nspname, p.pubname, NULL, NULL, NULL, NULL, NULL
--15+   FROM pg_publication_namespace s JOIN pg_publication p ON p.oid = s.pnpubid JOIN pg_namespace n ON n.oid = s.pnnspid
UNION ALL
SELECT 'pg_subscription'::regclass,
       --14+ s.oid,
       --13- 0,
       'subscription',
       NULL,
       s.subname,
       NULL,
       pg_get_userbyid(s.subowner),
       concat_ws(', ', 'publications ' || (SELECT string_agg(quote_ident(u), ', ' ORDER BY u) FROM unnest(s.subpublications) u)
                 --14+ , CASE WHEN s.subbinary THEN 'binary' END
                 --16+ , 'origin ' || nullif(s.suborigin, 'any')
                 --16+ , CASE WHEN NOT s.subpasswordrequired THEN 'no password required' END
                 --16+ , CASE WHEN s.subrunasowner THEN 'run as owner' END
                 --15+ , CASE s.subtwophasestate WHEN 'd' THEN NULL ELSE 'two phases' END
                 --15+ , CASE WHEN s.subdisableonerr THEN 'disabled on error' END
       ),
       NULL, NULL,
       NULL
  FROM pg_subscription s
 WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
