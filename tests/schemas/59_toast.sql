-- min: 12
-- covers: 24 26 49
-- about: values of megabytes in and out of line, compressed or not; rows wider than a page; many columns each out of line

CREATE TABLE big_values (id integer PRIMARY KEY, packed text, raw text, bytes bytea, doc jsonb, tiny text);
ALTER TABLE big_values ALTER COLUMN raw SET STORAGE EXTERNAL;
INSERT INTO big_values (id, packed, tiny) SELECT 1, string_agg(md5(i::text), E'\n' ORDER BY i), 'end' FROM generate_series(1, 160000) i;
INSERT INTO big_values (id, raw) SELECT 2, string_agg(md5(i::text), E'\t\\' ORDER BY i) FROM generate_series(1, 80000) i;
INSERT INTO big_values (id, bytes) SELECT 3, decode(string_agg(md5(i::text), '' ORDER BY i), 'hex') FROM generate_series(1, 160000) i;
INSERT INTO big_values (id, doc) SELECT 4, jsonb_object_agg(i::text, md5(i::text)) FROM generate_series(1, 20000) i;
INSERT INTO big_values (id, packed) VALUES (5, repeat('x', 10000000)), (6, repeat(E'\n', 1000000)), (7, ''), (8, NULL);
CREATE TABLE wide_rows (id integer, v text);
INSERT INTO wide_rows SELECT i, repeat(md5(i::text), 260 + i) FROM generate_series(1, 200) i;
CREATE TABLE plain_wide (a text, b text, c text, d text, e text, f text);
ALTER TABLE plain_wide ALTER a SET STORAGE PLAIN, ALTER b SET STORAGE MAIN, ALTER c SET STORAGE EXTERNAL;
INSERT INTO plain_wide SELECT repeat('a', 1900), repeat('b', 2100), repeat(md5(i::text), 70), repeat('d', 2500), repeat('e', 9000), repeat(md5('f' || i), 100) FROM generate_series(1, 20) i;
DO $$
BEGIN
    EXECUTE (SELECT 'CREATE TABLE many_out_of_line (' || string_agg(format('c%s text', i), ', ' ORDER BY i) || ')' FROM generate_series(1, 400) i);
    EXECUTE (SELECT 'INSERT INTO many_out_of_line SELECT ' || string_agg(format('repeat(md5((r * %s)::text), 100)', i), ', ' ORDER BY i) || ' FROM generate_series(1, 3) r' FROM generate_series(1, 400) i);
END $$;
