-- Settings that endanger data or the server: a crash may lose or corrupt what was committed, dead rows are never removed.
-- severity: crit
-- reads: pg_settings
-- message: {object} is {setting}
-- fine: fsync, full_page_writes, autovacuum and track_counts are on
-- hint: ALTER SYSTEM SET {object} = on; SELECT pg_reload_conf();
SELECT name AS object, setting FROM pg_settings
 WHERE (name IN ('fsync', 'full_page_writes', 'autovacuum', 'track_counts') AND setting = 'off')
    OR (name IN ('zero_damaged_pages', 'ignore_checksum_failure', 'ignore_invalid_pages') AND setting = 'on')
