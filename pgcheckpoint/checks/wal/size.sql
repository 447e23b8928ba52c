-- How much write-ahead log there is, beside what max_wal_size and wal_keep_size (wal_keep_segments) allow for.
-- unit: ratio
-- warn: 150%
-- crit: 300%
-- needs: pg_monitor
-- reads: pg_ls_waldir(), max_wal_size, wal_keep_size
-- message: {bytes:bytes} of write-ahead log, {value} of what max_wal_size and wal_keep_size allow for
-- hint: look at slots (`run replication`) and at the archiver (`run wal.archiver`)
SELECT bytes, bytes::float8 / expected AS value
  FROM (SELECT coalesce(sum(size), 0)::bigint AS bytes FROM pg_ls_waldir()) AS w,
       (SELECT pg_size_bytes(current_setting('max_wal_size'))
               + coalesce(pg_size_bytes(current_setting('wal_keep_size', true)),
                          current_setting('wal_keep_segments', true)::bigint * pg_size_bytes(current_setting('wal_segment_size')), 0)
               -- What is being written, and what is kept ready for it.
               + 2 * pg_size_bytes(current_setting('wal_segment_size')) AS expected) AS e
