-- min: 12
-- covers: 38
-- about: options of tables, columns and TOAST tables, storage modes, statistics targets, a table without TOAST and one with all of it out of line

CREATE TABLE options (id integer PRIMARY KEY, v text, w text)
    WITH (fillfactor = 50, autovacuum_enabled = false, autovacuum_vacuum_scale_factor = 0.01, parallel_workers = 3, toast_tuple_target = 256,
        toast.autovacuum_enabled = false, toast.autovacuum_freeze_max_age = 100000000, user_catalog_table = true, log_autovacuum_min_duration = 0);
ALTER TABLE options ALTER COLUMN v SET STORAGE EXTERNAL, ALTER COLUMN w SET STORAGE MAIN, ALTER COLUMN v SET STATISTICS 1000, ALTER COLUMN w SET STATISTICS 0;
ALTER TABLE options ALTER COLUMN id SET (n_distinct = -0.5, n_distinct_inherited = 100);
INSERT INTO options SELECT i, repeat('v' || i, 500), repeat('w', 100) FROM generate_series(1, 50) i;
CREATE TABLE plain_only (id integer, v varchar(100));
ALTER TABLE plain_only ALTER COLUMN v SET STORAGE PLAIN;
INSERT INTO plain_only VALUES (1, repeat('p', 100));
CREATE TABLE was_external (v text);
ALTER TABLE was_external ALTER COLUMN v SET STORAGE EXTERNAL;
INSERT INTO was_external VALUES (repeat('e', 10000));
ALTER TABLE was_external ALTER COLUMN v SET STORAGE EXTENDED;
CREATE VIEW with_options WITH (security_barrier = true, check_option = local) AS SELECT id FROM options WHERE id > 0;
CREATE INDEX options_w ON options (w) WITH (fillfactor = 77);
