-- Relations outside of the system's schemas. Sizes are apart: they wait for who holds a table exclusively.
SELECT n.nspname, c.relname, c.relkind,
       -- Rows as they were counted last; for who was never counted, as they were reported.
       CASE WHEN c.relkind NOT IN ('r', 'm') THEN NULL
            WHEN c.reltuples > 0 THEN c.reltuples::bigint
            WHEN s.n_live_tup > 0 OR c.relpages = 0 THEN s.n_live_tup END,
       pn.nspname, p.relname,
       EXISTS (SELECT FROM pg_catalog.pg_partitioned_table t WHERE t.partdefid = c.oid),
       (SELECT pg_catalog.array_agg(t.tgname ORDER BY t.tgname) FROM pg_catalog.pg_trigger t
         WHERE t.tgrelid = c.oid AND NOT t.tgisinternal),
       CASE WHEN c.relkind = 'r' AND d.stats_reset < pg_catalog.now()
            THEN ((s.n_tup_ins + s.n_tup_upd + s.n_tup_del)
                  / greatest(extract(epoch FROM pg_catalog.now() - d.stats_reset), 1))::numeric(20, 3) END
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid AND i.inhseqno = 1
  LEFT JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
  LEFT JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
  LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
  LEFT JOIN pg_catalog.pg_stat_database d ON d.datname = pg_catalog.current_database()
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
   AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY n.nspname, c.relname
