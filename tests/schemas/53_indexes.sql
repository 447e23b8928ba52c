-- min: 12
-- covers: 38 45
-- about: indexes of every method, on expressions, partial, covering, with options; clustered, replica identity, statistics targets; one left behind invalid

CREATE TABLE t (id integer PRIMARY KEY, a integer, b text, c jsonb, p point, r int4range, arr integer[], n integer NOT NULL DEFAULT 0);
INSERT INTO t SELECT i, i % 10, 'b' || i % 7, jsonb_build_object('k', i), point(i, i), int4range(i, i + 5), ARRAY[i, i + 1], i FROM generate_series(1, 300) i;
CREATE INDEX plain ON t (a);
CREATE INDEX ordered ON t (a DESC NULLS LAST, b ASC NULLS FIRST);
CREATE INDEX expressions ON t ((a + 1), lower(b), (c ->> 'k'), COALESCE(b, E'it''s \\'));
CREATE INDEX partial ON t (b) WHERE a > 5 AND b <> E'quote''d';
CREATE UNIQUE INDEX covering ON t (n) INCLUDE (a, b);
CREATE INDEX by_hash ON t USING hash (b);
CREATE INDEX by_gin ON t USING gin (c jsonb_path_ops);
CREATE INDEX by_gin_array ON t USING gin (arr) WITH (fastupdate = off, gin_pending_list_limit = 128);
CREATE INDEX by_gist ON t USING gist (p, r);
CREATE INDEX by_spgist ON t USING spgist (b text_ops);
CREATE INDEX by_brin ON t USING brin (id, a) WITH (pages_per_range = 4, autosummarize = on);
CREATE INDEX pattern ON t (b text_pattern_ops) WITH (fillfactor = 60);
CREATE INDEX collated ON t (b COLLATE "C");
CREATE INDEX "odd "" index name" ON t ((a IS NULL));
ALTER INDEX expressions ALTER COLUMN 1 SET STATISTICS 500;
ALTER INDEX expressions ALTER COLUMN 3 SET STATISTICS 0;
ALTER TABLE t CLUSTER ON ordered;
ALTER TABLE t REPLICA IDENTITY USING INDEX covering;
COMMENT ON INDEX partial IS 'partial';
CREATE TABLE identity_full (id integer);
ALTER TABLE identity_full REPLICA IDENTITY FULL;
CREATE TABLE identity_nothing (id integer PRIMARY KEY);
ALTER TABLE identity_nothing REPLICA IDENTITY NOTHING;
CREATE TABLE clustered_key (id integer PRIMARY KEY USING INDEX TABLESPACE pg_default);
ALTER TABLE clustered_key CLUSTER ON clustered_key_pkey;
