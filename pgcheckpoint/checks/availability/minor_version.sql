-- How many minor releases, with their fixes of security and of data, the server is behind those of May 2026.
-- warn: 1
-- crit: 4
-- reads: server_version_num and a list of releases inside of this program
-- fine: this program of May 2026 knows no minor releases of this major version
-- message: PostgreSQL {version} is {number} minor releases behind {major}.{newest}
-- hint: a minor release needs new programs and a restart, and no dump
SELECT greatest(newest - minor, 0) AS value, major, newest, current_setting('server_version') AS version,
       CASE WHEN minor >= newest THEN format('PostgreSQL %s is as new as this program of May 2026 knows', current_setting('server_version')) END AS message
  FROM (SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('server_version_num')::int % 10000 AS minor) AS v
  JOIN (VALUES (12, 22), (13, 23), (14, 23), (15, 18), (16, 14), (17, 10), (18, 4)) AS known(m, newest) ON m = major
