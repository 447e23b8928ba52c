-- How full the server's table of locks is: when it is full, statements fail with `out of shared memory`.
-- unit: ratio
-- warn: 50%
-- crit: 80%
-- reads: pg_locks, max_locks_per_transaction
-- message: {locks:count} of {room:count} locks are in use ({value})
-- hint: raise max_locks_per_transaction (it needs a restart), or touch fewer partitions at once
SELECT locks, room, locks::float8 / room AS value
  FROM (SELECT count(*) FILTER (WHERE NOT fastpath) AS locks FROM pg_locks) AS l,
       (SELECT current_setting('max_locks_per_transaction')::bigint
               * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int) AS room) AS r
