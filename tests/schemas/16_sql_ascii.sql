-- min: 12
-- encoding: SQL_ASCII
-- covers: 2 38
-- about: an SQL_ASCII database: bytes in several encodings at once, in values and in names, of which no conversion is possible

SET client_encoding = 'SQL_ASCII';
CREATE TABLE texts (id integer PRIMARY KEY, body text, padded char(4));
INSERT INTO texts VALUES
    (1, E'latin1: caf\xE9', E'\xE9'), (2, E'utf-8: caf\xC3\xA9', E'\xC3\xA9'), (3, E'torn utf-8: \xC3', E'\xF0\x9F'), (4, E'windows: \x80\x93\xFF', E'\xFF\xFE'),
    (5, E'utf-8 of a surrogate: \xED\xA0\x80', NULL), (6, E'too long: \xC0\x80', ''), (7, 'ascii', '');
INSERT INTO texts SELECT 100 + i, chr(i), 'x' || chr(i) FROM generate_series(1, 255) i;
CREATE TABLE documents (id integer PRIMARY KEY, j json, b jsonb);
INSERT INTO documents VALUES (1, E'{"caf\xE9":"\xFF"}', E'{"caf\xE9":"\xFF"}');
DO $$
DECLARE
    e text := E'\xE9\xFF "';
BEGIN
    EXECUTE format('CREATE SCHEMA %I', e);
    EXECUTE format('CREATE TABLE %1$I.%1$I (%1$I text PRIMARY KEY CHECK (%1$I <> %2$L), n integer)', e, E'\xFC');
    EXECUTE format('INSERT INTO %1$I.%1$I VALUES (%2$L, 1), (%1$L, 2)', e, E'\xDF');
    EXECUTE format('CREATE TYPE %1$I.%2$I AS ENUM (%1$L, %3$L)', e, e || ' type', E'\xFF');
    EXECUTE format('CREATE SEQUENCE %1$I.%2$I', e, e || ' sequence');
    EXECUTE format('CREATE INDEX %2$I ON %1$I.%1$I (lower(%1$I))', e, e || ' index');
    EXECUTE format('CREATE FUNCTION %1$I.%1$I() RETURNS text LANGUAGE sql AS %2$L', e, format('SELECT %L::text', e));
    EXECUTE format('COMMENT ON TABLE %1$I.%1$I IS %1$L', e);
END $$;
