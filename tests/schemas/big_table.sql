-- slow
-- min: 12
-- covers: 37
-- about: 120 MB in one table, several segments whatever their size: 16,000 pages, sorted, with a dense key and a sparse one

CREATE TABLE large (id bigint PRIMARY KEY, sparse bigint, at timestamptz, v text);
INSERT INTO large
SELECT i, i::bigint * 1000003 % 999999937, timestamptz '2024-01-01 00:00:00+00' + i * interval '1 second', repeat(md5(i::text), 3)
FROM generate_series(1, 800000) i;
CREATE INDEX large_at ON large (at);
