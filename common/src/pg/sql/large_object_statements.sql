-- Statements that give the large objects behind OID $1 their owner, comment and privileges (pgsnap_objects is a
-- temporary table that the restore has filled).
SELECT o.id,
       CASE WHEN o.owner <> current_user THEN format('ALTER LARGE OBJECT %s OWNER TO %I;', o.id, o.owner) ELSE '' END,
       CASE WHEN o.comment IS NOT NULL THEN format('COMMENT ON LARGE OBJECT %s IS %L;', o.id, o.comment) ELSE '' END,
       CASE WHEN o.acl IS NOT NULL THEN
         format('REVOKE ALL ON LARGE OBJECT %s FROM %I;', o.id, o.owner)
         || (SELECT coalesce(string_agg(
                      CASE WHEN x.grantor_name <> o.owner THEN format('SET SESSION AUTHORIZATION %I;', x.grantor_name) ELSE '' END
                      || format('GRANT %s ON LARGE OBJECT %s TO %s%s;', x.privilege_type, o.id, x.grantee_name,
                                CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
                      || CASE WHEN x.grantor_name <> o.owner THEN 'RESET SESSION AUTHORIZATION;' ELSE '' END,
                      '' ORDER BY x.ordinality), '')
               FROM (SELECT a.*, pg_get_userbyid(a.grantor) AS grantor_name,
                            CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee_name
                       -- No privileges at all are '{}', which the server writes but, read back, takes for no list.
                       FROM aclexplode(CASE WHEN o.acl <> '{}' THEN o.acl::aclitem[] END) WITH ORDINALITY a) x)
       ELSE '' END
  FROM pg_temp.pgsnap_objects o
 WHERE o.id > $1
   AND (o.owner <> current_user OR o.comment IS NOT NULL OR o.acl IS NOT NULL)
 ORDER BY o.id
