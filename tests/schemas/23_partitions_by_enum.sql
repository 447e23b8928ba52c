-- min: 12
-- covers: 32
-- moves: by_enum by_enum_below (its rows end in other partitions, so only the root can be compared)
-- about: hash partitions on an enum: the hash is that of the labels' identifiers, which a restore changes, so only a load through the root works

CREATE TYPE colour AS ENUM ('red', 'orange', 'yellow', 'green', 'blue', 'indigo', 'violet');
CREATE TABLE by_enum (id integer, c colour) PARTITION BY HASH (c);
CREATE TABLE by_enum_0 PARTITION OF by_enum FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE by_enum_1 PARTITION OF by_enum FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE by_enum_2 PARTITION OF by_enum FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO by_enum SELECT i, (enum_range(NULL::colour))[1 + i % 7] FROM generate_series(1, 100) i;
CREATE TABLE by_enum_below (id integer, c colour) PARTITION BY LIST (id);
CREATE TABLE by_enum_below_1 PARTITION OF by_enum_below FOR VALUES IN (1) PARTITION BY HASH (c);
CREATE TABLE by_enum_below_1_0 PARTITION OF by_enum_below_1 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_enum_below_1_1 PARTITION OF by_enum_below_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO by_enum_below SELECT 1, (enum_range(NULL::colour))[1 + i % 7] FROM generate_series(1, 70) i;
-- A hash partition by text stays where it is.
CREATE TABLE by_text (id integer, t text) PARTITION BY HASH (t);
CREATE TABLE by_text_0 PARTITION OF by_text FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_text_1 PARTITION OF by_text FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO by_text SELECT i, 't' || i FROM generate_series(1, 50) i;
