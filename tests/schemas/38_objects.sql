-- min: 12
-- encoding: UTF8
-- covers: 31 38 45
-- about: the rarer objects: statistics, text search, collations, casts, operators and their classes, aggregates, conversions, languages, access methods, transforms

SET client_encoding = 'UTF8';
CREATE TABLE points (a integer, b integer, c text);
INSERT INTO points SELECT i % 7, i % 5, 'c' || i % 3 FROM generate_series(1, 200) i;
CREATE STATISTICS both_kinds (ndistinct, dependencies) ON a, b FROM points;
CREATE STATISTICS "Odd Stats" (mcv) ON a, b, c FROM points;
COMMENT ON STATISTICS both_kinds IS 'two kinds';
ANALYZE points;

CREATE TEXT SEARCH PARSER own_parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);
CREATE TEXT SEARCH TEMPLATE own_template (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY own_dictionary (TEMPLATE = own_template, accept = 'false');
CREATE TEXT SEARCH DICTIONARY stems (TEMPLATE = snowball, language = 'english', stopwords = 'english');
CREATE TEXT SEARCH CONFIGURATION own_config (PARSER = own_parser);
ALTER TEXT SEARCH CONFIGURATION own_config ADD MAPPING FOR asciiword, word, "email" WITH own_dictionary, stems;
CREATE TEXT SEARCH CONFIGURATION copied (COPY = english);
ALTER TEXT SEARCH CONFIGURATION copied DROP MAPPING FOR url;
COMMENT ON TEXT SEARCH CONFIGURATION own_config IS 'ours';
CREATE TABLE searched (id integer PRIMARY KEY, body text, v tsvector GENERATED ALWAYS AS (to_tsvector('copied', body)) STORED);
INSERT INTO searched (id, body) VALUES (1, 'The foxes jumped http://example.org/x'), (2, NULL);

CREATE COLLATION own_c (LOCALE = 'C');
CREATE COLLATION "Odd Collation" FROM "POSIX";
COMMENT ON COLLATION own_c IS 'bytes';
CREATE TABLE collated (id integer PRIMARY KEY, t text COLLATE own_c, u varchar(10) COLLATE "Odd Collation" CHECK (u > 'a' COLLATE "C"));
INSERT INTO collated VALUES (1, 'b', 'b'), (2, 'B', 'bb'), (3, 'ä', NULL);
CREATE INDEX collated_t ON collated (t COLLATE "POSIX" DESC NULLS LAST, u text_pattern_ops);
-- Only where the server knows ICU.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i') THEN
        CREATE COLLATION german_phonebook (PROVIDER = icu, LOCALE = 'de-u-co-phonebk');
        CREATE COLLATION case_blind (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false);
        CREATE COLLATION natural_order (PROVIDER = icu, LOCALE = 'en-u-kn-true');
        CREATE TABLE by_icu (id integer PRIMARY KEY, t text COLLATE german_phonebook UNIQUE, n text COLLATE natural_order, i text COLLATE case_blind);
        INSERT INTO by_icu VALUES (1, 'Ärger', 'a10', 'same'), (2, 'Arger', 'a9', 'Other'), (3, 'Zebra', 'A1', 'x');
        CREATE UNIQUE INDEX by_icu_i ON by_icu (i);
        CREATE INDEX by_icu_n ON by_icu (n);
    END IF;
END $$;

CREATE TYPE small_pair AS (x integer, y integer);
CREATE FUNCTION pair_to_text(small_pair) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $1.x || '/' || $1.y $$;
CREATE FUNCTION pair_less(small_pair, small_pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.x < $2.x';
CREATE FUNCTION pair_greater(small_pair, small_pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.x > $2.x';
CREATE FUNCTION pair_equal(small_pair, small_pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.x = $2.x';
CREATE FUNCTION pair_not_more(small_pair, small_pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.x <= $2.x';
CREATE FUNCTION pair_not_less(small_pair, small_pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.x >= $2.x';
CREATE FUNCTION pair_compare(small_pair, small_pair) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1.x - $2.x';
CREATE FUNCTION pair_negate(small_pair) RETURNS small_pair LANGUAGE sql IMMUTABLE AS 'SELECT ROW(-$1.x, -$1.y)::public.small_pair';
CREATE CAST (small_pair AS text) WITH FUNCTION pair_to_text(small_pair) AS ASSIGNMENT;
CREATE CAST (integer AS small_pair) WITH INOUT;
COMMENT ON CAST (small_pair AS text) IS 'with a slash';
CREATE OPERATOR <<< (LEFTARG = small_pair, RIGHTARG = small_pair, FUNCTION = pair_less, COMMUTATOR = >>>, RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR >>> (LEFTARG = small_pair, RIGHTARG = small_pair, FUNCTION = pair_greater, COMMUTATOR = <<<);
CREATE OPERATOR === (LEFTARG = small_pair, RIGHTARG = small_pair, FUNCTION = pair_equal, COMMUTATOR = ===, HASHES, MERGES);
CREATE OPERATOR <<= (LEFTARG = small_pair, RIGHTARG = small_pair, FUNCTION = pair_not_more);
CREATE OPERATOR >>= (LEFTARG = small_pair, RIGHTARG = small_pair, FUNCTION = pair_not_less);
CREATE OPERATOR !- (RIGHTARG = small_pair, FUNCTION = pair_negate);
COMMENT ON OPERATOR !- (NONE, small_pair) IS 'both negated';
CREATE OPERATOR FAMILY pair_family USING btree;
CREATE OPERATOR CLASS pair_order FOR TYPE small_pair USING btree FAMILY pair_family AS
    OPERATOR 1 <<<, OPERATOR 2 <<=, OPERATOR 3 ===, OPERATOR 4 >>=, OPERATOR 5 >>>, FUNCTION 1 pair_compare(small_pair, small_pair);
ALTER OPERATOR FAMILY integer_ops USING btree OWNER TO CURRENT_USER;
COMMENT ON OPERATOR CLASS pair_order USING btree IS 'by x alone';
CREATE TABLE pairs (p small_pair);
INSERT INTO pairs VALUES ('(1,2)'), ('(0,9)'), ('(-5,5)');
CREATE INDEX pairs_p ON pairs (p pair_order);

CREATE FUNCTION add_text(text, integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $1 || ',' || COALESCE($2::text, 'none') $$;
CREATE AGGREGATE list_of(integer) (SFUNC = add_text, STYPE = text, INITCOND = '[', PARALLEL = SAFE);
CREATE AGGREGATE moving_sum(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', MSFUNC = int4pl, MINVFUNC = int4mi, MSTYPE = integer, MINITCOND = '0', COMBINEFUNC = int4pl);
CREATE FUNCTION ordered_final(text, integer) RETURNS text LANGUAGE sql AS 'SELECT $1';
CREATE AGGREGATE ordered_list(ORDER BY integer) (SFUNC = add_text, STYPE = text, INITCOND = '');
COMMENT ON AGGREGATE list_of(integer) IS 'with commas';

CREATE CONVERSION own_conversion FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
COMMENT ON CONVERSION own_conversion IS 'as built in';
CREATE FUNCTION own_handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION own_inline(internal) RETURNS void LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_inline_handler';
CREATE FUNCTION own_validator(oid) RETURNS void LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_validator';
CREATE TRUSTED LANGUAGE own_language HANDLER own_handler INLINE own_inline VALIDATOR own_validator;
COMMENT ON LANGUAGE own_language IS 'plpgsql by another name';
CREATE FUNCTION in_own_language() RETURNS integer LANGUAGE own_language AS 'BEGIN RETURN 7; END';
CREATE ACCESS METHOD own_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE ACCESS METHOD own_btree TYPE INDEX HANDLER bthandler;
COMMENT ON ACCESS METHOD own_heap IS 'heap by another name';
-- A table that is no "heap" by its access method's name, although its pages are the same.
CREATE TABLE in_own_heap (id integer, v text) USING own_heap;
INSERT INTO in_own_heap SELECT i, 'v' || i FROM generate_series(1, 100) i;
CREATE FUNCTION internal_to_sql(internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT AS 'textlike_support';
CREATE FUNCTION internal_from_sql(internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT AS 'textlike_support';
CREATE TRANSFORM FOR integer LANGUAGE own_language (FROM SQL WITH FUNCTION internal_from_sql(internal));
COMMENT ON TRANSFORM FOR integer LANGUAGE own_language IS 'never called';
