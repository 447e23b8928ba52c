-- Whether pages have checksums: without them, nobody notices when a disk changes a bit.
-- severity: info
-- reads: data_checksums
-- message: pages have no checksums
-- fine: pages have checksums
-- hint: pg_checksums --enable, while the server is stopped
SELECT 1 AS value WHERE current_setting('data_checksums') = 'off'
