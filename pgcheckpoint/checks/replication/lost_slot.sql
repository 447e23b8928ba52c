-- Replication slots that have lost, or are about to lose, what their standby or subscriber still needs.
-- severity: crit
-- reads: pg_replication_slots
-- message: {kind} slot {object} {what}
-- fine: no replication slot has lost what it needs
-- hint: its standby or subscriber has to be made anew; then SELECT pg_drop_replication_slot('{slot}');
-- server: 17-
SELECT slot_name AS name, slot_name AS slot, slot_type AS kind, 1 AS value,
       CASE WHEN wal_status = 'unreserved' AND invalidation_reason IS NULL THEN 'warn' END AS status,
       coalesce('is invalid: ' || invalidation_reason, 'is ' || wal_status) AS what
  FROM pg_replication_slots WHERE invalidation_reason IS NOT NULL OR wal_status IN ('lost', 'unreserved')
-- server: 16-16
SELECT slot_name AS name, slot_name AS slot, slot_type AS kind, 1 AS value,
       CASE WHEN wal_status = 'unreserved' AND conflicting IS NOT TRUE THEN 'warn' END AS status,
       CASE WHEN conflicting THEN 'is invalid: it conflicted with recovery' ELSE 'is ' || wal_status END AS what
  FROM pg_replication_slots WHERE conflicting OR wal_status IN ('lost', 'unreserved')
-- server: 13-15
SELECT slot_name AS name, slot_name AS slot, slot_type AS kind, 1 AS value,
       CASE WHEN wal_status = 'unreserved' THEN 'warn' END AS status, 'is ' || wal_status AS what
  FROM pg_replication_slots WHERE wal_status IN ('lost', 'unreserved')
