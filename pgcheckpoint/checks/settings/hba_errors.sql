-- Lines of pg_hba.conf that are wrong: after a restart nobody could log in.
-- severity: crit
-- grant: GRANT SELECT ON pg_hba_file_rules TO {role}; GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO {role};
-- reads: pg_hba_file_rules
-- message: {object}: {error}
-- fine: pg_hba.conf can be read
-- hint: mend the line, then SELECT pg_reload_conf();
SELECT 'pg_hba.conf line ' || line_number AS object, error, 1 AS value FROM pg_hba_file_rules WHERE error IS NOT NULL
