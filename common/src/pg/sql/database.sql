-- The database that the session is in. Columns of newer versions are reached through its JSON: absent is NULL.
SELECT current_setting('server_version'),
       current_setting('server_version_num'),
       pg_is_in_recovery(),
       d.datname,
       d.oid,
       pg_get_userbyid(d.datdba),
       pg_encoding_to_char(d.encoding),
       j->>'datcollate',
       j->>'datctype',
       coalesce(j->>'datlocprovider', 'c'),
       coalesce(j->>'datlocale', j->>'daticulocale'),
       j->>'datcollversion',
       current_setting('block_size'),
       ARRAY(SELECT unnest(s.setconfig) FROM pg_db_role_setting s WHERE s.setdatabase = d.oid AND s.setrole = 0)::text[]::text,
       to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
       txid_current_snapshot(),
       ARRAY(SELECT n.nspname FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1)::text[]::text
  FROM pg_database d, to_jsonb(d) j
 WHERE d.datname = current_database()
