-- Whether replication slots may fill the disk: there are some, and max_slot_wal_keep_size sets no limit.
-- severity: info
-- reads: pg_replication_slots, max_slot_wal_keep_size
-- message: {number} replication slots may keep write-ahead log without a limit
-- fine: there are no replication slots, or what they keep has a limit
-- hint: ALTER SYSTEM SET max_slot_wal_keep_size = '…GB'; SELECT pg_reload_conf();
-- server: 13-
SELECT count(*) AS value FROM pg_replication_slots WHERE current_setting('max_slot_wal_keep_size') = '-1' HAVING count(*) > 0
