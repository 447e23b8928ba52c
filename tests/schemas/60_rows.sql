-- min: 12
-- covers: 20 26 37
-- about: rows that are alike, tables cleared and filled again, rewritten, full of holes, with dead rows and updates moved about

CREATE TABLE alike (a integer, b text);
INSERT INTO alike SELECT 1, 'same' FROM generate_series(1, 500);
INSERT INTO alike SELECT 2, NULL FROM generate_series(1, 3);
INSERT INTO alike VALUES (3, 'once');
CREATE TABLE truncated (id integer PRIMARY KEY, v text);
INSERT INTO truncated SELECT i, 'first' FROM generate_series(1, 1000) i;
TRUNCATE truncated;
INSERT INTO truncated SELECT i, 'second' FROM generate_series(1, 100) i;
CREATE TABLE truncated_empty (id integer);
INSERT INTO truncated_empty SELECT generate_series(1, 1000);
TRUNCATE truncated_empty;
CREATE TABLE updated (id integer PRIMARY KEY, v text);
INSERT INTO updated SELECT i, 'old' FROM generate_series(1, 2000) i;
UPDATE updated SET v = 'new' || id WHERE id % 3 = 0;
DELETE FROM updated WHERE id % 5 = 0;
-- Pages at the start and in the middle with nothing left alive on them; never vacuumed or analysed.
CREATE TABLE holes (id integer, v text) WITH (autovacuum_enabled = false);
INSERT INTO holes SELECT i, repeat('h', 500) FROM generate_series(1, 3000) i;
DELETE FROM holes WHERE id <= 500 OR id BETWEEN 1000 AND 2000;
CREATE TABLE all_dead (id integer) WITH (autovacuum_enabled = false);
INSERT INTO all_dead SELECT generate_series(1, 5000);
DELETE FROM all_dead;
-- Vacuumed: the empty pages stay in the middle, the tail is cut off.
CREATE TABLE vacuumed (id integer, v text);
INSERT INTO vacuumed SELECT i, repeat('v', 500) FROM generate_series(1, 3000) i;
DELETE FROM vacuumed WHERE id BETWEEN 1000 AND 2000 OR id > 2900;
VACUUM (ANALYZE, FREEZE) vacuumed;
CREATE TABLE rewritten (id integer, v text);
INSERT INTO rewritten SELECT i, 'r' || i FROM generate_series(1, 1000) i;
ALTER TABLE rewritten ALTER COLUMN id TYPE bigint, ALTER COLUMN v TYPE varchar(20);
VACUUM FULL rewritten;
CREATE TABLE clustered (id integer PRIMARY KEY, v text);
INSERT INTO clustered SELECT 1000 - i, 'c' || i FROM generate_series(1, 900) i;
CLUSTER clustered USING clustered_pkey;
-- A transaction that was rolled back, and one of whose parts was.
BEGIN;
INSERT INTO alike VALUES (4, 'never');
ROLLBACK;
BEGIN;
INSERT INTO alike VALUES (5, 'kept');
SAVEPOINT s;
INSERT INTO alike VALUES (6, 'never either');
ROLLBACK TO s;
COMMIT;
-- Sizes in an order that is not that of the names.
CREATE TABLE a_small (v text);
INSERT INTO a_small SELECT 's' FROM generate_series(1, 10);
CREATE TABLE z_large (v text);
INSERT INTO z_large SELECT repeat('z', 800) FROM generate_series(1, 2000);
