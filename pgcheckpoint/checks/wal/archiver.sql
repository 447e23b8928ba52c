-- Whether archiving of the write-ahead log fails: until it works, the log piles up and backups end where it began.
-- unit: seconds
-- crit: 5min
-- on: primary
-- reads: pg_stat_archiver, archive_mode
-- message: {said}
-- fine: nothing is archived: archive_mode is off
-- hint: look at archive_command or archive_library and at the server's log
SELECT CASE WHEN failing THEN extract(epoch FROM clock_timestamp() - since)::float8 ELSE 0 END AS value,
       CASE WHEN failing THEN format('archiving has been failing since %s, last with %s', to_char(since, 'YYYY-MM-DD HH24:MI:SS TZ'), last_failed_wal)
            WHEN last_archived_time IS NULL THEN 'nothing was archived yet'
            ELSE format('archiving works, last %s', last_archived_wal) END AS said
  FROM (SELECT *, last_failed_time IS NOT NULL AND last_failed_time > coalesce(last_archived_time, '-infinity') AS failing,
               -- Its last success is the last moment of which we know that it worked.
               coalesce(last_archived_time, stats_reset) AS since
          FROM pg_stat_archiver) AS a
 WHERE current_setting('archive_mode') <> 'off'
