-- min: 13
-- covers: 26
-- about: what 13 brought: wide transaction identifiers, snapshots, collations' names as values, index options

CREATE TABLE identifiers (id integer PRIMARY KEY, x xid8, s pg_snapshot, c regcollation);
INSERT INTO identifiers VALUES (1, '0', '1:1:', '"C"'), (2, '18446744073709551615', '10:20:10,14,15', '"POSIX"'), (3, NULL, NULL, '-');
CREATE TABLE t (id integer PRIMARY KEY, v text) WITH (autovacuum_vacuum_insert_threshold = 100, autovacuum_vacuum_insert_scale_factor = 0.5);
INSERT INTO t SELECT i, 'v' || i % 3 FROM generate_series(1, 100) i;
CREATE INDEX no_dedup ON t (v) WITH (deduplicate_items = off);
CREATE INDEX ops ON t USING gist ((to_tsvector('simple', v)) tsvector_ops (siglen = 100));
CREATE TABLE parted (id integer, v text) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
CREATE FUNCTION before_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER before_parts BEFORE INSERT ON parted FOR EACH ROW EXECUTE FUNCTION before_row();
CREATE PUBLICATION through_root FOR TABLE parted WITH (publish_via_partition_root = true);
ALTER STATISTICS IF EXISTS none SET STATISTICS 10;
CREATE STATISTICS some_kind (ndistinct) ON id, v FROM t;
ALTER STATISTICS some_kind SET STATISTICS 77;
CREATE TABLE generated (a integer, b integer GENERATED ALWAYS AS (a + 1) STORED);
INSERT INTO generated VALUES (1);
ALTER TABLE generated ALTER COLUMN b DROP EXPRESSION;
INSERT INTO generated VALUES (1, 99);
