-- min: 14
-- covers: 6 26 38
-- about: what 14 brought: multiranges, infinite numerics, bodies in SQL proper, compression per column, statistics on expressions, procedures with OUT

CREATE TABLE multi (id integer PRIMARY KEY, i int4multirange, n nummultirange, tz tstzmultirange, d datemultirange, m int8multirange[]);
SET TimeZone = 'UTC';
INSERT INTO multi VALUES (1, '{}', '{}', '{}', '{}', '{}'), (2, '{[1,5),[10,20)}', '{[0.1,1.00),[2,)}', '{[2024-01-01 00:00+00,infinity]}', '{(,)}', '{"{[1,2)}",NULL}'), (3, NULL, NULL, NULL, NULL, NULL);
CREATE TYPE own_range AS RANGE (subtype = text, multirange_type_name = "own multi");
CREATE TABLE own_multi (r own_range, m "own multi");
INSERT INTO own_multi VALUES ('[a,"b c")', '{[a,b),["c,d","e}")}');
CREATE TABLE infinite (id integer PRIMARY KEY, n numeric);
INSERT INTO infinite VALUES (1, 'Infinity'), (2, '-Infinity'), (3, 'NaN');

CREATE TABLE t (id integer PRIMARY KEY, v text COMPRESSION pglz, w text);
INSERT INTO t SELECT i, repeat('v' || i, 1000), 'w' FROM generate_series(1, 50) i;
ALTER TABLE t ALTER COLUMN w SET COMPRESSION pglz;
CREATE FUNCTION standard(a integer, b integer DEFAULT 2) RETURNS integer LANGUAGE sql IMMUTABLE RETURN a + b;
CREATE FUNCTION atomic_body(x integer) RETURNS SETOF t LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO t VALUES (x + 1000, 'semi;colon', E'\\.') ON CONFLICT (id) DO UPDATE SET w = 'changed';
    SELECT t.* FROM t WHERE t.id > x ORDER BY t.id;
END;
-- The body depends on the primary key, which comes after the data, and the view on the function.
CREATE FUNCTION grouped() RETURNS TABLE (id integer, v text) LANGUAGE sql STABLE BEGIN ATOMIC SELECT t.id, t.v FROM t GROUP BY t.id; END;
CREATE VIEW over_function AS SELECT * FROM grouped();
CREATE PROCEDURE with_out(IN a integer, OUT b integer) LANGUAGE plpgsql AS $$ BEGIN b := a; END $$;
CREATE STATISTICS of_expressions ON (id % 10), lower(w), id FROM t;
CREATE STATISTICS of_one_expression ON (length(v)) FROM t;
CREATE FUNCTION handler(anycompatible, anycompatiblearray) RETURNS anycompatible LANGUAGE sql AS 'SELECT $1';
CREATE INDEX brin_minmax ON t USING brin (id int4_minmax_multi_ops (values_per_range = 16));
CREATE INDEX brin_bloom ON t USING brin (v text_bloom_ops);
CREATE VIEW searched AS WITH RECURSIVE r (n, p) AS (SELECT 1, 0 UNION ALL SELECT n + 1, n FROM r WHERE n < 5) SEARCH DEPTH FIRST BY n SET o CYCLE n SET c USING q SELECT n, c FROM r ORDER BY o;
CREATE VIEW subscripted AS SELECT ('{"a":[1,2]}'::jsonb)['a'][0] AS j, date_bin('15 minutes', timestamptz '2024-01-01 00:07+00', timestamptz '2000-01-01 00:00+00') AS b;
-- Detached without a lock: it keeps its bounds as a check constraint.
CREATE TABLE parted (id integer PRIMARY KEY, v text) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (20);
INSERT INTO parted SELECT i, 'v' FROM generate_series(0, 19) i;
ALTER TABLE parted DETACH PARTITION parted_2 CONCURRENTLY;
