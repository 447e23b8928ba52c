-- How far back the oldest row version lies that vacuum has to keep, and who holds it there.
-- unit: xids
-- warn: 10000000
-- crit: 100000000
-- needs: pg_read_all_stats
-- reads: pg_stat_activity, pg_prepared_xacts, pg_replication_slots, pg_stat_replication
-- message: {holder} keeps row versions of the last {value} transactions
-- fine: nobody keeps old row versions
-- hint: {remedy}
SELECT object, holder, remedy, max(age)::bigint AS value
  FROM (SELECT 'pid ' || pid AS object, format('pid %s of %s in %s (%s)', pid, usename, datname, coalesce(state, backend_type)) AS holder,
               format('SELECT pg_terminate_backend(%s);', pid) AS remedy,
               greatest(age(backend_xmin), age(backend_xid)) AS age
          FROM pg_stat_activity WHERE (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL) AND pid <> pg_backend_pid() AND backend_type <> 'walsender'
        UNION ALL
        SELECT quote_literal(gid), format('prepared transaction %L in %s', gid, database),
               format('ROLLBACK PREPARED %L; in database %I', gid, database), age(transaction)
          FROM pg_prepared_xacts
        UNION ALL
        SELECT quote_ident(slot_name), format('replication slot %I', slot_name), format('SELECT pg_drop_replication_slot(%L);', slot_name),
               greatest(age(xmin), age(catalog_xmin))
          FROM pg_replication_slots WHERE xmin IS NOT NULL OR catalog_xmin IS NOT NULL
        UNION ALL
        SELECT 'standby ' || coalesce(nullif(application_name, ''), pid::text), format('the standby %I (pid %s), by hot_standby_feedback', application_name, pid),
               'look for long queries on the standby', age(backend_xmin)
          FROM pg_stat_replication WHERE backend_xmin IS NOT NULL) AS holders
 GROUP BY object, holder, remedy
