-- Pages whose checksum did not fit when they were read: the disk or the memory lies.
-- crit: 1
-- reads: pg_stat_database
-- message: {number} pages of {in} failed their checksum, last at {last}
-- fine: checksums are off
-- hint: find out which: `pgsnap create` reads every row; restore from a verified snapshot, and have the hardware looked at
SELECT datname AS name, coalesce('database ' || quote_ident(datname), 'the shared catalogs') AS "in",
       checksum_failures AS value, checksum_last_failure AS last,
       CASE WHEN checksum_failures = 0 THEN 'no page has failed its checksum' END AS message
  FROM pg_stat_database WHERE checksum_failures IS NOT NULL
