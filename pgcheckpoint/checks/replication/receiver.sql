-- Whether the standby is connected to its primary, when it shall stream from one.
-- severity: crit
-- on: standby
-- needs: pg_read_all_stats
-- reads: pg_stat_wal_receiver, primary_conninfo
-- message: the standby does not stream from its primary
-- fine: the standby streams from its primary, or follows an archive
-- hint: look into the standby's log; is the primary up, and does it let the standby in?
SELECT 1 AS value WHERE current_setting('primary_conninfo') <> '' AND NOT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')
