-- Sessions that ended because the client went away, an administrator ended them, or something fatal happened, as a share.
-- unit: ratio
-- warn: 50%
-- scope: database
-- reads: pg_stat_database
-- message: {broken:count} of {sessions:count} sessions in {database} did not end by themselves ({abandoned} lost, {killed} killed, {fatal} fatal)
-- fine: no session was counted yet
-- hint: look into the server's log; clients that go away without a word often are behind a firewall or a pooler
-- server: 14-
SELECT sessions, sessions_abandoned AS abandoned, sessions_killed AS killed, sessions_fatal AS fatal,
       sessions_abandoned + sessions_killed + sessions_fatal AS broken,
       -- A few say nothing.
       CASE WHEN sessions < 100 THEN 'ok' END AS status,
       (sessions_abandoned + sessions_killed + sessions_fatal)::float8 / sessions AS value
  FROM pg_stat_database WHERE datname = current_database() AND sessions > 0
