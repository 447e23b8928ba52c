-- min: 12
-- encoding: LATIN1
-- covers: 2 38
-- about: a LATIN1 database whose text and names are not UTF-8 on the wire unless someone converts them

-- This file is ASCII; E'\xE9' is e with an acute accent in LATIN1.
SET client_encoding = 'LATIN1';
CREATE TABLE texts (id integer PRIMARY KEY, body text, padded char(4));
INSERT INTO texts VALUES (1, E'caf\xE9', E'\xE9\xE8'), (2, E'\xC0\xFF\xA0\x80', NULL), (3, 'ascii', ''), (4, E'\xC3\xA9 looks like UTF-8', E'\xC3\xA9');
INSERT INTO texts SELECT 100 + i, chr(i), 'x' || chr(i) FROM generate_series(1, 255) i;
DO $$
DECLARE
    e text := E'\xE9t\xE9';
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
