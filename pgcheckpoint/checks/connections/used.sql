-- The share of connections in use, of those that ordinary roles may have.
-- unit: ratio
-- warn: 75%
-- crit: 90%
-- needs: pg_read_all_stats
-- reads: pg_stat_activity, max_connections and what is reserved of it
-- message: {used} of {available} connections are in use ({value}), {idle} of them idle
-- hint: look for applications that connect without a pool; raise max_connections only when memory allows it
SELECT used::float8 / nullif(available, 0) AS value, used, available, idle
  FROM (SELECT count(*) AS used, count(*) FILTER (WHERE state = 'idle') AS idle
          FROM pg_stat_activity WHERE backend_type = 'client backend') AS a,
       (SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
               - coalesce(current_setting('reserved_connections', true)::int, 0) AS available) AS s
