-- How often applying or copying a subscription's changes has failed.
-- warn: 1
-- scope: database
-- on: primary
-- reads: pg_stat_subscription_stats
-- message: subscription {object} has failed {number} times
-- fine: there is no subscription
-- hint: look into the server's log; after mending it: SELECT pg_stat_reset_subscription_stats({id});
-- server: 15-
SELECT s.subname AS name, s.oid AS id, t.apply_error_count + t.sync_error_count AS value
  FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid AND d.datname = current_database()
  JOIN pg_stat_subscription_stats t ON t.subid = s.oid
