-- Two tables joined by a foreign key against the order of their names, rows that the script itself writes, and a sequence.
CREATE TABLE zones (id integer PRIMARY KEY, name text NOT NULL, built_in boolean NOT NULL DEFAULT false);
CREATE TABLE areas (id integer PRIMARY KEY, zone integer NOT NULL REFERENCES zones, note text);
CREATE TABLE not_configuration (id integer PRIMARY KEY);
CREATE SEQUENCE numbers;
INSERT INTO zones VALUES (1, 'made by the script', true);
INSERT INTO not_configuration VALUES (1);
-- A dump holds only what the condition lets through: the script makes the other rows again.
SELECT pg_catalog.pg_extension_config_dump('zones', 'WHERE NOT built_in');
SELECT pg_catalog.pg_extension_config_dump('areas', '');
SELECT pg_catalog.pg_extension_config_dump('numbers', '');
