-- The share of pages that were found in shared_buffers since the statistics were reset.
-- unit: ratio
-- below: yes
-- scope: database
-- reads: pg_stat_database
-- message: {value} of {all:count} pages of {database} were found in shared_buffers
-- hint: compare shared_buffers with what is read most (pg_buffercache tells what is in it)
-- fine: too few pages were read to tell
SELECT blks_hit + blks_read AS all, blks_hit::float8 / (blks_hit + blks_read) AS value
  FROM pg_stat_database WHERE datname = current_database() AND blks_hit + blks_read >= 10000
