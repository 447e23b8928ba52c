-- min: 12
-- encoding: UTF8
-- covers: 21 26
-- about: domains over domains and composites, enums with added and renamed labels, composites with changed attributes, arrays of all of them

SET client_encoding = 'UTF8';
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE empty_enum AS ENUM ();
CREATE TYPE odd_labels AS ENUM ('', ' ', 'it''s', 'a,b', '"quoted"', E'back\\slash', '🐘', E'new\nline', 'NULL');
CREATE TYPE renamed_later AS ENUM ('first', 'second');
ALTER TYPE mood ADD VALUE 'ecstatic' AFTER 'happy';
ALTER TYPE mood ADD VALUE 'gloomy' BEFORE 'ok';
ALTER TYPE mood ADD VALUE 'numb' BEFORE 'sad';
ALTER TYPE renamed_later RENAME VALUE 'first' TO 'premier';
ALTER TYPE renamed_later RENAME TO "Renamed";

CREATE DOMAIN positive AS integer DEFAULT 1 CHECK (VALUE > 0);
CREATE DOMAIN even_positive AS positive CONSTRAINT even CHECK (VALUE % 2 = 0);
CREATE DOMAIN word AS text COLLATE "C" NOT NULL CHECK (VALUE <> '') CHECK (VALUE !~ '\s');
CREATE DOMAIN short_list AS integer[] CHECK (array_length(VALUE, 1) < 5);
CREATE DOMAIN unchecked AS integer;
ALTER DOMAIN unchecked ADD CONSTRAINT later CHECK (VALUE < 1000) NOT VALID;
COMMENT ON DOMAIN positive IS 'more than nothing';
COMMENT ON CONSTRAINT even ON DOMAIN even_positive IS 'no odd ones';

CREATE TYPE pair AS (a integer, b text);
CREATE TYPE nested AS (p pair, m mood, l text[], r int4range);
CREATE TYPE changed AS (gone integer, kept text);
ALTER TYPE changed DROP ATTRIBUTE gone;
ALTER TYPE changed ADD ATTRIBUTE added numeric(10, 2);
CREATE TYPE no_attributes AS ();
CREATE DOMAIN pair_ok AS pair CHECK ((VALUE).a >= 0);
COMMENT ON TYPE pair IS 'two of them';
COMMENT ON COLUMN pair.b IS 'the second';
CREATE TYPE shell_only;

CREATE TABLE kinds (
    id integer PRIMARY KEY, m mood, ms mood[], o odd_labels, os odd_labels[], r "Renamed", pos positive, ev even_positive, w word,
    sl short_list, p pair, ps pair[], n nested, c changed, po pair_ok, na no_attributes, evs even_positive[]
);
INSERT INTO kinds VALUES
    (1, 'sad', '{sad,NULL,ecstatic}', '', '{"",NULL,"NULL"}', 'premier', 5, 4, 'x', '{1,2}', '(1,one)', '{"(1,one)",NULL,"(,)"}', '("(2,two)",ok,"{a,NULL}","[1,3)")', '(kept,1.50)', '(1,)', '()', '{2,4}'),
    (2, 'ecstatic', '{}', '🐘', NULL, 'second', 1, 2, 'y', '{}', ROW(NULL, NULL), NULL, NULL, ROW(NULL, NULL), NULL, NULL, NULL),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'z', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (4, 'numb', '[0:1]={numb,ok}', E'new\nline', ARRAY[E'back\\slash', 'it''s', '"quoted"']::odd_labels[], 'premier', 9, 8, '🐘', '{NULL}',
        ROW(-1, E'tab\t"quote" (paren) \\ comma, '), ARRAY[ROW(1, 'a,b')::pair, ROW(2, '')::pair, ROW(3, NULL)::pair],
        ROW(ROW(3, '')::pair, 'gloomy', ARRAY['x"y', 'NULL', NULL], 'empty')::nested, ROW('', -0.01), ROW(0, 'z'), ROW(), '{}');
CREATE INDEX kinds_m ON kinds (m);

-- A typed table, and a table whose row type is a column of another.
CREATE TABLE typed OF pair (PRIMARY KEY (a), b WITH OPTIONS DEFAULT 'b');
INSERT INTO typed VALUES (1, DEFAULT), (2, NULL);
CREATE TABLE rows_of_rows (id integer PRIMARY KEY, t typed, ts typed[]);
INSERT INTO rows_of_rows VALUES (1, '(1,x)', '{"(1,x)","(2,)"}'), (2, NULL, NULL);

-- A base type of one's own (its functions are those of text).
CREATE TYPE own_base;
CREATE FUNCTION own_base_in(cstring) RETURNS own_base LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION own_base_out(own_base) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE own_base (INPUT = own_base_in, OUTPUT = own_base_out, LIKE = text, CATEGORY = 'S', DEFAULT = 'nothing');
CREATE TABLE uses_own_base (id integer PRIMARY KEY, v own_base, vs own_base[]);
INSERT INTO uses_own_base VALUES (1, 'something', '{a,NULL}'), (2, DEFAULT, NULL);
