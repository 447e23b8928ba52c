-- min: 18
-- covers: 26 27 28
-- about: what 18 brought: virtual generated columns, periods in keys, constraints not enforced and not-null not valid, uuid of version 7

CREATE TABLE virtual (a integer, b integer GENERATED ALWAYS AS (a * 2) VIRTUAL, c text, d text GENERATED ALWAYS AS (upper(c)), e integer GENERATED ALWAYS AS (a + 1) STORED);
INSERT INTO virtual (a, c) SELECT i, 'c' || i FROM generate_series(1, 50) i;
CREATE TABLE only_virtual (g integer GENERATED ALWAYS AS (1 + 1) VIRTUAL);
INSERT INTO only_virtual SELECT FROM generate_series(1, 4);
CREATE TABLE parent_virtual (a integer, v integer GENERATED ALWAYS AS (a + 1) VIRTUAL);
CREATE TABLE child_virtual (v integer GENERATED ALWAYS AS (a + 2) VIRTUAL) INHERITS (parent_virtual);
INSERT INTO parent_virtual VALUES (1);
INSERT INTO child_virtual VALUES (1);

CREATE TABLE not_null_later (id integer, v text);
INSERT INTO not_null_later VALUES (NULL, NULL), (1, 'x');
ALTER TABLE not_null_later ADD CONSTRAINT id_there NOT NULL id NOT VALID;
CREATE TABLE not_null_named (id integer CONSTRAINT "odd not null" NOT NULL NO INHERIT, v text NOT NULL);
CREATE TABLE not_null_child (id integer) INHERITS (not_null_named);
ALTER TABLE not_null_child ALTER COLUMN v SET DEFAULT 'x';
INSERT INTO not_null_child VALUES (NULL, 'y');

CREATE TABLE not_enforced (id integer PRIMARY KEY, n integer, CONSTRAINT positive CHECK (n > 0) NOT ENFORCED);
INSERT INTO not_enforced VALUES (1, -5);
CREATE TABLE refers (id integer, CONSTRAINT loosely FOREIGN KEY (id) REFERENCES not_enforced NOT ENFORCED);
INSERT INTO refers VALUES (12345);

CREATE TABLE stays (room int4range, during daterange, v text, PRIMARY KEY (room, during WITHOUT OVERLAPS));
INSERT INTO stays VALUES ('[1,2)', '[2024-01-01,2024-02-01)', 'a'), ('[1,2)', '[2024-02-01,2024-03-01)', 'b');
CREATE TABLE visits (room int4range, during daterange, UNIQUE (room, during WITHOUT OVERLAPS), FOREIGN KEY (room, PERIOD during) REFERENCES stays (room, PERIOD during));
INSERT INTO visits VALUES ('[1,2)', '[2024-01-10,2024-02-10)');
CREATE TABLE not_valid_parted (id integer) PARTITION BY RANGE (id);
CREATE TABLE not_valid_parted_1 PARTITION OF not_valid_parted FOR VALUES FROM (0) TO (10);
INSERT INTO not_valid_parted VALUES (5);
ALTER TABLE not_valid_parted ADD FOREIGN KEY (id) REFERENCES not_enforced NOT VALID;
CREATE FUNCTION returns_both() RETURNS SETOF refers LANGUAGE sql BEGIN ATOMIC UPDATE refers SET id = id RETURNING WITH (OLD AS o, NEW AS n) o.id; END;
CREATE PUBLICATION generated_too FOR TABLE virtual WITH (publish_generated_columns = stored);
CREATE COLLATION folds (PROVIDER = builtin, LOCALE = 'PG_UNICODE_FAST');
CREATE TABLE folded (t text COLLATE folds, u text GENERATED ALWAYS AS (casefold(t COLLATE folds)) STORED);
INSERT INTO folded VALUES ('Straße');
CREATE INDEX refers_skip ON refers (id);
