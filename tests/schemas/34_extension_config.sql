-- min: 12
-- contrib: pgsnap_config
-- extension-files: tests/extensions/pgsnap_config
-- covers: 33
-- about: an extension's configuration tables: the rows that its condition lets through, in the order of the foreign key between them, and a sequence

CREATE EXTENSION pgsnap_config;
INSERT INTO pgsnap_config.zones VALUES (2, 'ours'), (3, E'tab\there');
INSERT INTO pgsnap_config.areas VALUES (10, 2, NULL), (11, 3, ''), (12, 1, 'of a row that the script makes');
-- Not a configuration table: what is written here is lost with any dump, as it is with pg_dump.
INSERT INTO pgsnap_config.not_configuration VALUES (2);
SELECT setval('pgsnap_config.numbers', 42);
CREATE TABLE ours (id integer PRIMARY KEY, area integer REFERENCES pgsnap_config.areas);
INSERT INTO ours VALUES (1, 10), (2, NULL);
