-- min: 12
-- covers: 26
-- about: arrays with other bounds, several dimensions, NULL beside "NULL", quotes, braces and backslashes inside, arrays of arrays' element types

CREATE TABLE arrays (id integer PRIMARY KEY, ints integer[], words text[], grid integer[][], stamps timestamptz[], blobs bytea[], nums numeric[], flags boolean[], boxes box[]);
SET TimeZone = 'UTC';
INSERT INTO arrays VALUES
    (1, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
    (2, '{NULL}', '{NULL}', '{{NULL}}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}'),
    (3, '[0:2]={1,2,3}', '[-1:0]={a,b}', '[0:1][-1:0]={{1,2},{3,4}}', '{infinity,-infinity}', '{"\\x","\\x00ff"}', '{NaN,0.00}', '{t,f,NULL}', '{(1,1),(0,0)}'),
    (4, '{1,NULL,3}', '{"NULL",NULL,"null",""}', '{{1,2},{3,4},{5,6}}', '{"2024-02-03 04:05:06+00"}', '{}', '{1.10,1.1}', '{}', '{(2,2),(1,1);(4,4),(3,3)}'),
    (5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (6, '{-2147483648,2147483647}', E'{"a,b","c\\"d","e\\\\f","{g}"," h ","\\\\N"}', NULL, NULL, NULL, NULL, NULL, NULL),
    (7, NULL, ARRAY[E'tab\t', E'line\n', E'return\r', E'back\\slash', 'quote"', 'brace}', '', ' ', E'\\.'], NULL, NULL, NULL, NULL, NULL, NULL),
    (8, NULL, ARRAY[['a', NULL], ['NULL', 'd']], ARRAY[[[1, 2]], [[3, 4]]], NULL, NULL, NULL, NULL, NULL),
    (9, (SELECT array_agg(i ORDER BY i) FROM generate_series(1, 5000) i), NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (10, '[2147483640:2147483641]={1,2}', '[5:5][3:4]={{x,y}}', NULL, NULL, NULL, NULL, NULL, NULL);

-- A fixed dimension is only a comment to PostgreSQL, but the declaration must come back.
CREATE TABLE declared (id integer PRIMARY KEY, three integer[3], board integer[3][3], list varchar(5)[], pad char(3)[], price numeric(5, 2)[], j jsonb[], js json[]);
INSERT INTO declared VALUES (1, '{1,2,3,4}', '{{1}}', '{abcde,NULL}', '{a,NULL,""}', '{1.10,99.99}', '{"{\"a\": [1]}",NULL,"null"}', ARRAY['{"a" :  1}']::json[]);
