-- min: 12
-- covers: 1 38 43
-- about: functions whose bodies look like dumps, quotes of every kind, all attributes; tables that depend on functions which depend on search_path

CREATE SCHEMA app;
CREATE TABLE app.settings (key text PRIMARY KEY, value text);
INSERT INTO app.settings VALUES ('prefix', 'p-'), ('limit', '10');

CREATE FUNCTION looks_like_a_dump() RETURNS text LANGUAGE plpgsql AS $_$
BEGIN
--
-- Name: not_a_table; Type: TABLE; Schema: public; Owner: nobody
--
-- TOC entry 1234 (class 1259 OID 16384)
-- Dependencies: 1 2 3
/* Data for Name: fake; Type: TABLE DATA; */
    RETURN $$COPY public.fake (id, v) FROM stdin;
1	one
\.

\restrict abcdef
\unrestrict abcdef
\connect template1
\! true
-- PostgreSQL database dump complete
$$ || $a$ $b$ $_1$ ' " \ $a$ || E'\\.\n';
END $_$;
CREATE FUNCTION quotes_in_plain_quotes() RETURNS text LANGUAGE sql AS 'SELECT ''it''''s $$ $_$ $_X$ \ "x" ;'' || E''\\n'' -- comment without end';
CREATE FUNCTION "body with CR LF"() RETURNS integer LANGUAGE plpgsql AS E'BEGIN\r\n    -- \t tab\r\n    RETURN 1;\r\nEND';
CREATE FUNCTION trailing_backslash() RETURNS text LANGUAGE sql AS $$ SELECT '\' $$;
CREATE FUNCTION empty_body() RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION refers_to_what_is_not_there() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT count(*) FROM nowhere.there); END $$;

CREATE FUNCTION every_attribute(a integer, INOUT b text DEFAULT E'd\\e''f', OUT c integer, VARIADIC d integer[] DEFAULT '{1,2}') RETURNS SETOF record
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER LEAKPROOF PARALLEL RESTRICTED COST 12.5 ROWS 7
    SET search_path = app, "odd schema", pg_temp SET work_mem = '5MB' SET application_name = 'it''s "x"' SET DateStyle = 'German, DMY'
    AS $$ BEGIN c := a; RETURN NEXT; END $$;
CREATE FUNCTION every_attribute(a text) RETURNS TABLE (x integer, "Y z" text) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 1, $1';
CREATE FUNCTION window_function() RETURNS bigint LANGUAGE internal WINDOW AS 'window_row_number';
CREATE FUNCTION polymorphic(anyelement, anyarray) RETURNS anyarray LANGUAGE sql IMMUTABLE AS 'SELECT $2 || $1';
CREATE PROCEDURE proc(INOUT n integer, t text = 'x') LANGUAGE plpgsql AS $$ BEGIN n := n + 1; COMMIT; END $$;
CREATE PROCEDURE proc() LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
COMMENT ON FUNCTION every_attribute(text) IS E'line\nof -- text; with ''quotes'' and \\.';
COMMENT ON PROCEDURE proc() IS 'no arguments';

-- What works here only because the search path names "app": with an empty one the load would fail, did it call them.
SET search_path = app, public;
CREATE FUNCTION public.setting_of(k text) RETURNS text LANGUAGE sql STABLE AS 'SELECT value FROM app.settings WHERE key = k';
CREATE FUNCTION app.normalise(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(trim($1))';
CREATE FUNCTION app.ok(t text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE SET search_path = app AS $$ BEGIN RETURN normalise(t) <> 'bad'; END $$;
CREATE TABLE app.items (
    id integer PRIMARY KEY,
    name text DEFAULT setting_of('prefix'),
    code text CHECK (ok(code)),
    tidy text GENERATED ALWAYS AS (normalise(name)) STORED
);
CREATE INDEX items_tidy ON items (normalise(name)) WHERE ok(code);
INSERT INTO items (id, name, code) VALUES (1, ' One ', 'good'), (2, DEFAULT, NULL);
-- Its body is not looked into until it runs: it names a table without its schema, and an index calls it.
CREATE FUNCTION app.unqualified(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS $$ BEGIN RETURN (SELECT count(*) FROM settings)::integer + $1; END $$;
CREATE INDEX items_unqualified ON items (unqualified(id));
-- A constraint that reads another table: true only when that one is loaded first.
CREATE TABLE app.a_reads_later (id integer PRIMARY KEY, key text);
CREATE TABLE app.z_read_by (key text PRIMARY KEY);
INSERT INTO z_read_by VALUES ('k');
INSERT INTO a_reads_later VALUES (1, 'k');
RESET search_path;
CREATE VIEW calls AS SELECT setting_of('limit') AS l, (every_attribute('x')).*;
CREATE DOMAIN app.checked AS text CHECK (app.ok(VALUE));
CREATE TABLE uses_checked (c app.checked, d date DEFAULT CURRENT_DATE, n name DEFAULT CURRENT_USER);
INSERT INTO uses_checked VALUES ('fine', '2024-02-03', 'somebody');
