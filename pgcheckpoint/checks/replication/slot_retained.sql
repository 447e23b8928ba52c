-- Write-ahead log that a replication slot keeps from being removed: an abandoned one fills the disk.
-- unit: bytes
-- warn: 1GB
-- crit: 10GB
-- reads: pg_replication_slots
-- message: {kind} slot {object} keeps {value} of write-ahead log ({activity})
-- fine: there is no replication slot
-- hint: if nobody needs it any more: SELECT pg_drop_replication_slot('{slot}');
SELECT slot_name AS name, slot_name AS slot, slot_type AS kind, CASE WHEN active THEN 'active' ELSE 'inactive' END AS activity,
       greatest(pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) ELSE pg_current_wal_lsn() END, restart_lsn), 0)::bigint AS value
  FROM pg_replication_slots
 -- One that never was used keeps nothing.
 WHERE restart_lsn IS NOT NULL
