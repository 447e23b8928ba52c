-- min: 12
-- covers: 22
-- about: materialised views on each other against the order of their names, populated or not, stale, with indexes, on functions and on foreign keys

CREATE TABLE base (id integer PRIMARY KEY, v text);
INSERT INTO base SELECT i, 'v' || i % 5 FROM generate_series(1, 100) i;
CREATE MATERIALIZED VIEW z_counts AS SELECT v, count(*) AS n FROM base GROUP BY v ORDER BY v;
CREATE MATERIALIZED VIEW m_totals AS SELECT sum(n) AS total FROM z_counts;
CREATE VIEW between_them AS SELECT total * 2 AS doubled FROM m_totals;
CREATE MATERIALIZED VIEW a_last AS SELECT doubled + 1 AS more FROM between_them;
CREATE MATERIALIZED VIEW grouped_by_key AS SELECT b.id, b.v, count(*) AS n FROM base b GROUP BY b.id ORDER BY b.id;
CREATE MATERIALIZED VIEW never_filled AS SELECT id FROM base WITH NO DATA;
-- Rests on one that is not populated: it cannot be refreshed either.
CREATE MATERIALIZED VIEW on_never_filled AS SELECT id + 1 AS next FROM never_filled WITH NO DATA;
CREATE MATERIALIZED VIEW emptied_later AS SELECT v FROM base;
REFRESH MATERIALIZED VIEW emptied_later WITH NO DATA;
CREATE MATERIALIZED VIEW no_rows AS SELECT id FROM base WHERE false;
CREATE MATERIALIZED VIEW no_columns AS SELECT FROM base WHERE id <= 3;
CREATE UNIQUE INDEX z_counts_v ON z_counts (v);
CREATE INDEX never_filled_id ON never_filled (id);
CREATE INDEX z_counts_expr ON z_counts ((n * 2)) WHERE n > 1;
ALTER MATERIALIZED VIEW z_counts CLUSTER ON z_counts_v;
ALTER MATERIALIZED VIEW z_counts ALTER COLUMN v SET STATISTICS 50;
ALTER MATERIALIZED VIEW z_counts SET (fillfactor = 70);
COMMENT ON MATERIALIZED VIEW z_counts IS 'counted';
COMMENT ON COLUMN z_counts.n IS 'how many';
-- Its body reads a table that a dump does not know it depends on.
CREATE FUNCTION hidden_sum() RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (SELECT sum(id) FROM public.base); END $$;
CREATE MATERIALIZED VIEW a_hidden AS SELECT hidden_sum() AS s;

-- Stale: what it holds is not what a refresh would give.
CREATE TABLE moving (id integer);
INSERT INTO moving VALUES (1), (2);
CREATE MATERIALIZED VIEW stale AS SELECT id FROM moving;
INSERT INTO moving VALUES (3);
