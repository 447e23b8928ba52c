-- How long ago the server started: one that was just restarted by nobody's hand has crashed.
-- unit: seconds
-- warn: 60
-- below: yes
-- reads: pg_postmaster_start_time()
-- message: the server started {value} ago
-- hint: if nobody restarted it, look into the server's log
SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8 AS value
