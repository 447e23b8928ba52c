-- Subscriptions that are enabled and have no worker.
-- severity: crit
-- scope: database
-- on: primary
-- grant: GRANT SELECT (oid, subdbid, subname, subenabled) ON pg_subscription TO {role};
-- reads: pg_stat_subscription, pg_subscription
-- message: subscription {object} is enabled, and nothing works for it
-- fine: every enabled subscription is at work
-- hint: look into the server's log; ALTER SUBSCRIPTION {object} DISABLE; stops it from trying
SELECT s.subname AS name, 1 AS value
  FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid AND d.datname = current_database()
 WHERE s.subenabled AND NOT EXISTS (SELECT FROM pg_stat_subscription w WHERE w.subid = s.oid AND w.pid IS NOT NULL)
