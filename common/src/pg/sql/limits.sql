-- How many objects the lock table holds, and who asks.
SELECT current_setting('max_locks_per_transaction')::bigint
         * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint),
       current_user,
       pg_backend_pid()
