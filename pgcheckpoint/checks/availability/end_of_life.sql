-- Whether the server's major version still gets fixes.
-- unit: seconds
-- warn: 180d
-- below: yes
-- reads: server_version_num and the release policy inside of this program
-- fine: this program of May 2026 does not know yet how long this major version gets fixes
-- message: PostgreSQL {major} gets no fixes after {until}
-- hint: plan the upgrade to a newer major version; `pgverify restore --pg-version` rehearses it
SELECT major, until, extract(epoch FROM until::timestamptz - now())::float8 AS value
  FROM (SELECT current_setting('server_version_num')::int / 10000 AS major) AS v
  JOIN (VALUES (12, date '2024-11-21'), (13, date '2025-11-13'), (14, date '2026-11-12'), (15, date '2027-11-11'),
               (16, date '2028-11-09'), (17, date '2029-11-08'), (18, date '2030-11-14')) AS known(m, until) ON m = major
