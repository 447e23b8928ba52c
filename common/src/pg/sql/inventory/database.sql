-- The database, and what is set in it for all roles and for single ones.
SELECT 'pg_database'::regclass::oid AS class,
       d.oid AS oid,
       'database' AS kind,
       NULL AS name,
       NULL AS signature,
       pg_get_userbyid(d.datdba) AS owner,
       d.datacl::text AS acl,
       CASE WHEN d.datacl IS NOT NULL THEN acldefault('d', d.datdba)::text END AS base,
       pg_encoding_to_char(d.encoding) AS encoding,
       d.datcollate AS collate,
       d.datctype AS ctype,
       CASE coalesce(j->>'datlocprovider', 'c') WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' END AS provider,
       coalesce(j->>'datlocale', j->>'daticulocale') AS locale,
       j->>'daticurules' AS rules,
       nullif(d.datconnlimit, -1) AS "connection limit",
       CASE WHEN d.datistemplate THEN 'yes' END AS template,
       (SELECT t.spcname FROM pg_tablespace t WHERE t.oid = d.dattablespace AND t.spcname <> 'pg_default') AS tablespace,
       shobj_description(d.oid, 'pg_database') AS comment,
       NULL AS value
  FROM pg_database d, to_jsonb(d) j
 WHERE d.datname = current_database()
UNION ALL
SELECT 'pg_database'::regclass,
       d.oid,
       'setting',
       split_part(c.setting, '=', 1),
       CASE WHEN s.setrole <> 0 THEN ' for role ' || quote_ident(pg_get_userbyid(s.setrole)) END,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       substr(c.setting, strpos(c.setting, '=') + 1)
  FROM pg_database d
  JOIN pg_db_role_setting s ON s.setdatabase = d.oid,
       unnest(s.setconfig) AS c(setting)
 WHERE d.datname = current_database()
