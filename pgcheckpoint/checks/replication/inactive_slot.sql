-- Replication slots that nobody is connected to.
-- severity: warn
-- reads: pg_replication_slots
-- message: {kind} slot {object} is not in use
-- fine: every replication slot is in use
-- hint: if nobody needs it any more: SELECT pg_drop_replication_slot('{slot}');
SELECT slot_name AS name, slot_name AS slot, slot_type AS kind, 1 AS value FROM pg_replication_slots WHERE NOT active AND NOT temporary
