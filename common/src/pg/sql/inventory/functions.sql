-- Functions, procedures and aggregates, in pieces.
SELECT 'pg_proc'::regclass::oid AS class,
       p.oid AS oid,
       CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END AS kind,
       n.nspname AS schema,
       p.proname AS name,
       '(' || oidvectortypes(p.proargtypes) || ')' AS signature,
       pg_get_userbyid(p.proowner) AS owner,
       p.proacl::text AS acl,
       CASE WHEN p.proacl IS NOT NULL THEN acldefault('f', p.proowner)::text END AS base,
       -- Since PostgreSQL 14, IN is said of procedures.
       nullif(CASE p.prokind WHEN 'p' THEN regexp_replace(pg_get_function_arguments(p.oid), '(^|, )IN ', '\1', 'g')
                ELSE pg_get_function_arguments(p.oid) END, oidvectortypes(p.proargtypes)) AS arguments,
       pg_get_function_result(p.oid) AS result,
       CASE WHEN p.prokind <> 'a' THEN quote_ident(l.lanname) END AS language,
       CASE p.prokind WHEN 'w' THEN 'yes' END AS "window",
       CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' END AS volatility,
       CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' END AS parallel,
       CASE WHEN p.proisstrict THEN 'yes' END AS strict,
       CASE WHEN p.prosecdef THEN 'yes' END AS "security definer",
       CASE WHEN p.proleakproof THEN 'yes' END AS leakproof,
       p.procost AS cost,
       nullif(p.prorows, 0) AS rows,
       CASE WHEN p.prosupport <> 0 THEN p.prosupport::regproc::text END AS support,
       (SELECT string_agg(c, ', ' ORDER BY c) FROM unnest(p.proconfig) c) AS settings,
       (SELECT string_agg(format_type(t, NULL), ', ') FROM unnest(p.protrftypes) t) AS transforms,
       CASE WHEN p.prokind <> 'a' THEN nullif(p.prosrc, '') END AS body,
       --14+ pg_get_function_sqlbody(p.oid) AS "SQL body",
       p.probin AS library,
       d.description AS comment,
       CASE a.aggkind WHEN 'o' THEN 'ordered-set' WHEN 'h' THEN 'hypothetical-set' END AS "aggregate's kind",
       nullif(a.aggnumdirectargs, 0) AS "direct arguments",
       a.aggtransfn::regproc AS "transition function",
       format_type(a.aggtranstype, NULL) AS "transition type",
       nullif(a.aggtransspace, 0) AS "transition space",
       nullif(a.aggfinalfn, 0)::regproc AS "final function",
       CASE WHEN a.aggfinalextra THEN 'yes' END AS "final function's extra arguments",
       a.aggfinalmodify AS "final function modifies",
       nullif(a.aggcombinefn, 0)::regproc AS "combine function",
       nullif(a.aggserialfn, 0)::regproc AS "serial function",
       nullif(a.aggdeserialfn, 0)::regproc AS "deserial function",
       nullif(a.aggmtransfn, 0)::regproc AS "moving transition function",
       nullif(a.aggminvtransfn, 0)::regproc AS "moving inverse function",
       nullif(a.aggmfinalfn, 0)::regproc AS "moving final function",
       CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END AS "moving transition type",
       nullif(a.aggmtransspace, 0) AS "moving transition space",
       CASE WHEN a.aggmfinalextra THEN 'yes' END AS "moving final function's extra arguments",
       CASE WHEN a.aggmtransfn <> 0 THEN a.aggmfinalmodify END AS "moving final function modifies",
       CASE WHEN a.aggsortop <> 0 THEN a.aggsortop::regoperator::text END AS "sort operator",
       a.agginitval AS "initial value",
       a.aggminitval AS "moving initial value"
  FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_language l ON l.oid = p.prolang
  LEFT JOIN pg_aggregate a ON a.aggfnoid = p.oid
  LEFT JOIN pg_description d ON d.classoid = 'pg_proc'::regclass AND d.objoid = p.oid AND d.objsubid = 0
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype IN ('e', 'i'))
