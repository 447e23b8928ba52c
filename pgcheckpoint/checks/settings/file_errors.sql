-- Lines of the configuration files that are wrong: the server may not start again.
-- severity: crit
-- grant: GRANT SELECT ON pg_file_settings TO {role}; GRANT EXECUTE ON FUNCTION pg_show_all_file_settings() TO {role};
-- reads: pg_file_settings
-- message: {object}: {error}
-- fine: the configuration files can be read
-- hint: mend the line, then SELECT pg_reload_conf();
SELECT sourcefile || ' line ' || sourceline AS object, error, 1 AS value
  FROM pg_file_settings
 -- That a change waits for a restart is told elsewhere.
 WHERE error IS NOT NULL AND coalesce(name, '') NOT IN (SELECT name FROM pg_settings WHERE pending_restart)
