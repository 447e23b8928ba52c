-- How many files of write-ahead log wait to be archived.
-- warn: 10
-- crit: 100
-- on: primary
-- needs: pg_monitor
-- reads: pg_ls_archive_statusdir(), archive_mode
-- message: {number} files of write-ahead log wait to be archived
-- fine: nothing is archived: archive_mode is off
-- hint: archive_command or archive_library is too slow, or fails (`run wal.archiver`)
SELECT count(*) AS value FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready' AND current_setting('archive_mode') <> 'off'
HAVING current_setting('archive_mode') <> 'off'
