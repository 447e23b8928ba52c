-- min: 12
-- encoding: UTF8
-- roles: schemas_lo_owner schemas_lo_reader
-- covers: 35 47
-- about: large objects: empty, of many chunks, sparse, at the edges of a chunk, with owners, privileges, comments, and a hundred alike

SET client_encoding = 'UTF8';
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'schemas_lo_owner') THEN CREATE ROLE schemas_lo_owner; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'schemas_lo_reader') THEN CREATE ROLE schemas_lo_reader; END IF;
END $$;
SELECT lo_from_bytea(100001, 'plain bytes');
SELECT lo_create(100002);
SELECT lo_from_bytea(100003, decode(string_agg(lpad(to_hex(i % 256), 2, '0'), '' ORDER BY i), 'hex')) FROM generate_series(0, 299999) i;
-- A chunk is 2,048 bytes: one less, exact, one more.
SELECT lo_from_bytea((100010 + n)::oid, decode(repeat('ab', 2047 + n), 'hex')) FROM generate_series(0, 2) n;
-- Holes before, between and after what was written.
SELECT lo_create(100020);
SELECT lo_put(100020, 1000000, 'after a hole');
SELECT lo_put(100020, 5000000, 'far');
BEGIN;
SELECT lo_create(100021);
SELECT lo_truncate64(lo_open(100021, 131072), 3000000);
COMMIT;
SELECT lo_from_bytea(100022, decode(repeat('00', 100000), 'hex'));
BEGIN;
SELECT lo_from_bytea(100023, decode(repeat('cd', 50000), 'hex'));
SELECT lo_truncate(lo_open(100023, 131072), 10);
COMMIT;
SELECT lo_from_bytea(4294967295, 'the last number');
SELECT lo_from_bytea(16384, 'a low number');
ALTER LARGE OBJECT 100001 OWNER TO schemas_lo_owner;
ALTER LARGE OBJECT 100002 OWNER TO schemas_lo_owner;
GRANT SELECT ON LARGE OBJECT 100001 TO schemas_lo_reader WITH GRANT OPTION;
GRANT SELECT, UPDATE ON LARGE OBJECT 100003 TO schemas_lo_reader, PUBLIC;
DO $$ BEGIN EXECUTE format('REVOKE ALL ON LARGE OBJECT 100022 FROM %I', current_user); END $$;
COMMENT ON LARGE OBJECT 100001 IS E'it''s a "comment"\n\\. 🐘';
COMMENT ON LARGE OBJECT 100002 IS 'empty';
-- Enough of one owner and privileges that a dump puts them together.
SELECT count(lo_from_bytea((200000 + i)::oid, convert_to('object ' || i, 'UTF8'))) FROM generate_series(1, 1100) i;
DO $$ BEGIN FOR i IN 200001..200050 LOOP EXECUTE format('ALTER LARGE OBJECT %s OWNER TO schemas_lo_owner', i); END LOOP; END $$;
CREATE TABLE holds (id integer PRIMARY KEY, object oid);
INSERT INTO holds VALUES (1, 100001), (2, 100003), (3, 999999999);
