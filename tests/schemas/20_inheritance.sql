-- min: 12
-- covers: 21 25 26
-- about: tables that inherit from several, rows at every level, constraints that are inherited, merged and NO INHERIT

CREATE TABLE animals (id integer PRIMARY KEY, name text NOT NULL DEFAULT 'nobody', CONSTRAINT named CHECK (name <> ''), CONSTRAINT only_here CHECK (id < 1000000) NO INHERIT);
CREATE TABLE swimmers (depth numeric, name text CHECK (length(name) < 100));
CREATE TABLE ducks (eggs integer DEFAULT 3, CONSTRAINT named CHECK (name <> '')) INHERITS (animals, swimmers);
CREATE TABLE rubber_ducks (squeaks boolean) INHERITS (ducks);
CREATE TABLE dogs (id integer, name text DEFAULT 'Rex', UNIQUE (id)) INHERITS (animals);
CREATE TABLE loners (LIKE animals INCLUDING ALL);
CREATE TABLE left_home () INHERITS (animals);
INSERT INTO animals VALUES (1, 'animal');
INSERT INTO swimmers VALUES (1.50, 'swimmer');
INSERT INTO ducks VALUES (1, 'duck', 2, 5), (2, DEFAULT, NULL, DEFAULT);
INSERT INTO rubber_ducks VALUES (1, 'rubber', 0, 0, true);
INSERT INTO dogs (id) VALUES (1), (2);
INSERT INTO loners VALUES (1, 'loner');
INSERT INTO left_home VALUES (5, 'leaving');
ALTER TABLE left_home NO INHERIT animals;
CREATE INDEX ON animals (name);
CREATE INDEX ON rubber_ducks (name);
-- A child with a foreign key and a trigger of its own.
ALTER TABLE dogs ADD FOREIGN KEY (id) REFERENCES animals DEFERRABLE NOT VALID;
CREATE VIEW every_name AS SELECT tableoid::regclass::text AS source, name FROM animals;
