-- What queries have written to temporary files, each day since the statistics were reset.
-- unit: bytes
-- warn: 10GB
-- scope: database
-- reads: pg_stat_database
-- message: queries of {database} wrote {value} a day to temporary files ({files:count} files since {since})
-- hint: raise work_mem for the queries that sort or hash much (log_temp_files names them)
SELECT temp_files AS files, coalesce(to_char(stats_reset, 'YYYY-MM-DD'), 'the start') AS since,
       round(temp_bytes / greatest(extract(epoch FROM now() - coalesce(stats_reset, pg_postmaster_start_time())) / 86400, 1)::numeric)::float8 AS value
  FROM pg_stat_database WHERE datname = current_database()
