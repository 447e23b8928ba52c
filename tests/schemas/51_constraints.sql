-- min: 12
-- covers: 25 38
-- about: keys circular and to oneself, NOT VALID, deferrable, exclusion, partial match, every action; constraints without names of their own

CREATE TABLE tree (id integer PRIMARY KEY, parent integer REFERENCES tree ON DELETE CASCADE, UNIQUE (parent, id));
-- Children stand before their parents in the heap.
INSERT INTO tree SELECT i, NULLIF(i + 1, 51) FROM generate_series(1, 50) i;
CREATE TABLE chicken (id integer PRIMARY KEY, egg integer NOT NULL);
CREATE TABLE egg (id integer PRIMARY KEY, chicken integer NOT NULL REFERENCES chicken DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE chicken ADD CONSTRAINT chicken_egg FOREIGN KEY (egg) REFERENCES egg DEFERRABLE INITIALLY IMMEDIATE NOT VALID;
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO chicken SELECT i, 101 - i FROM generate_series(1, 100) i;
INSERT INTO egg SELECT i, i FROM generate_series(1, 100) i;
COMMIT;
CREATE TABLE two_keys (a integer, b integer, PRIMARY KEY (a, b), UNIQUE (b, a) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO two_keys VALUES (1, 1), (1, 2), (2, 1);
CREATE TABLE refers (
    x integer, y integer, z integer DEFAULT 1,
    FOREIGN KEY (x, y) REFERENCES two_keys (a, b) MATCH FULL ON UPDATE SET NULL ON DELETE SET DEFAULT,
    CONSTRAINT "to itself in a way" FOREIGN KEY (z, y) REFERENCES two_keys ON UPDATE RESTRICT ON DELETE NO ACTION
);
INSERT INTO refers VALUES (1, 1, 1), (NULL, NULL, 2), (1, 2, NULL);

-- Rows that break constraints which were never validated.
CREATE TABLE broken (id integer, n integer);
INSERT INTO broken VALUES (12345, -1), (1, 1);
ALTER TABLE broken ADD CONSTRAINT positive CHECK (n > 0) NOT VALID;
ALTER TABLE broken ADD CONSTRAINT known FOREIGN KEY (id) REFERENCES tree NOT VALID;
CREATE TABLE validated_later (id integer);
INSERT INTO validated_later VALUES (1);
ALTER TABLE validated_later ADD CONSTRAINT later CHECK (id > 0) NOT VALID;
ALTER TABLE validated_later VALIDATE CONSTRAINT later;

CREATE TABLE exclusive (during int4range, kind integer, box box,
    CONSTRAINT apart EXCLUDE USING gist (during WITH &&) WHERE (kind = 1) DEFERRABLE INITIALLY DEFERRED, EXCLUDE USING gist (box WITH &&));
INSERT INTO exclusive VALUES ('[1,5)', 1, '(1,1),(0,0)'), ('[1,5)', 2, '(3,3),(2,2)'), ('[5,6)', 1, NULL);
CREATE TABLE checks (
    a integer CHECK (a > 0) CHECK (a < 100), b text CONSTRAINT "odd name" CHECK (b ~ E'^[\\w''"]+$'), c integer NOT NULL DEFAULT -1,
    CHECK (a <> c AND b IS NOT NULL OR c = -1), CONSTRAINT always CHECK (true), CONSTRAINT whole_row CHECK (checks IS NOT NULL) NO INHERIT
);
INSERT INTO checks VALUES (1, 'x''"', 5), (99, 'y', -1);
CREATE TABLE key_using_index (id integer NOT NULL, v integer);
CREATE UNIQUE INDEX made_first ON key_using_index (id) INCLUDE (v);
ALTER TABLE key_using_index ADD CONSTRAINT key_name PRIMARY KEY USING INDEX made_first;
CREATE TABLE key_with_options (id integer, v integer, PRIMARY KEY (id) INCLUDE (v) WITH (fillfactor = 50), UNIQUE (v) WITH (fillfactor = 60));
COMMENT ON CONSTRAINT apart ON exclusive IS 'apart';
COMMENT ON CONSTRAINT "odd name" ON checks IS 'odd';
-- A foreign key to a unique index that is no constraint.
CREATE TABLE only_index (id integer);
CREATE UNIQUE INDEX only_index_id ON only_index (id);
CREATE TABLE to_index (id integer REFERENCES only_index (id));
INSERT INTO only_index VALUES (1);
INSERT INTO to_index VALUES (1), (NULL);
-- NULL keys, which no unique constraint hinders from being the same row many times.
CREATE TABLE null_keys (a integer, b text, UNIQUE (a, b));
INSERT INTO null_keys VALUES (NULL, NULL), (NULL, NULL), (1, NULL), (1, NULL), (1, 'x');
