-- Lines of pg_hba.conf by which anybody on the network is let in without a password, or with one that can be overheard.
-- severity: crit
-- grant: GRANT SELECT ON pg_hba_file_rules TO {role}; GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO {role};
-- reads: pg_hba_file_rules
-- message: {object} lets {users} in from {from} by {method}
-- fine: nobody is let in from the network without a password
-- hint: use scram-sha-256, and hostssl for what comes from afar; then SELECT pg_reload_conf();
SELECT 'pg_hba.conf line ' || line_number AS object, array_to_string(user_name, ', ') AS users,
       coalesce(address || coalesce('/' || netmask, ''), 'anywhere') AS "from", auth_method AS method, 1 AS value
  FROM pg_hba_file_rules
 WHERE type IN ('host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc') AND error IS NULL
   AND (auth_method = 'trust' OR auth_method = 'password' AND type <> 'hostssl')
   AND coalesce(address, '') NOT IN ('127.0.0.1', '::1', 'samehost', 'localhost')
