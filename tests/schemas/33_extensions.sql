-- min: 12
-- contrib: hstore, citext, ltree, intarray, pgcrypto, pg_trgm, btree_gist, btree_gin, bloom, cube, seg, isn, tablefunc, unaccent
-- covers: 26 33 38
-- about: types, operator classes and access methods that live in extensions, in schemas of their own; what was changed of an extension's objects

CREATE SCHEMA extensions;
CREATE SCHEMA "odd extensions";
CREATE EXTENSION hstore SCHEMA "odd extensions";
CREATE EXTENSION citext SCHEMA extensions;
CREATE EXTENSION ltree;
CREATE EXTENSION intarray;
CREATE EXTENSION pgcrypto;
CREATE EXTENSION pg_trgm SCHEMA extensions;
CREATE EXTENSION btree_gist;
CREATE EXTENSION btree_gin;
CREATE EXTENSION bloom;
CREATE EXTENSION cube;
CREATE EXTENSION seg;
CREATE EXTENSION isn;
CREATE EXTENSION tablefunc;
CREATE EXTENSION unaccent SCHEMA extensions;
COMMENT ON EXTENSION ltree IS 'a comment of our own';
CREATE TABLE uses (
    id integer PRIMARY KEY, h "odd extensions".hstore, c extensions.citext UNIQUE, l ltree, q lquery, ints integer[], cu cube, s seg, book isbn, hs "odd extensions".hstore[]
);
INSERT INTO uses VALUES
    (1, '"a b"=>"c\"d", e=>NULL, "\\"=>"\t"', 'CamelCase', 'a.b.c', '*.b.*', '{3,1,2}', '(1,2),(3,4)', '1.50 .. 2.0', '0-393-04002-X', '{"a=>1",NULL}'),
    (2, '', 'camelcase2', '', '*', '{}', '(0.1)', '~1', NULL, '{}'),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE INDEX uses_h ON uses USING gin (h);
CREATE INDEX uses_c ON uses USING gin (c extensions.gin_trgm_ops);
CREATE INDEX uses_l ON uses USING gist (l);
CREATE INDEX uses_ints ON uses USING gist (ints gist__int_ops);
CREATE INDEX uses_bloom ON uses USING bloom (id) WITH (length = 64, col1 = 4);
CREATE INDEX uses_gin ON uses USING gin (id);
CREATE TABLE rooms (room integer, during int4range, EXCLUDE USING gist (room WITH =, during WITH &&));
INSERT INTO rooms VALUES (1, '[1,5)'), (1, '[5,9)'), (2, '[1,9)');
-- A privilege on an extension's function that is not what its script made it.
REVOKE EXECUTE ON FUNCTION gen_salt(text) FROM PUBLIC;
CREATE VIEW digests AS SELECT id, encode(digest(c::text, 'sha256'), 'hex') AS d FROM uses;
CREATE MATERIALIZED VIEW lowered AS SELECT extensions.unaccent(c::text) AS u, c = 'CAMELCASE' AS same FROM uses ORDER BY id;
