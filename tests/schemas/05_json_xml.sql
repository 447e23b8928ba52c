-- min: 12
-- encoding: UTF8
-- covers: 26 38
-- about: json is kept verbatim (spaces, key order, doubled keys), jsonb is not; xml both as document and as content; jsonpath

SET client_encoding = 'UTF8';
CREATE TABLE documents (id integer PRIMARY KEY, verbatim json, parsed jsonb, path jsonpath);
INSERT INTO documents VALUES
    (1, '{"b":1,  "a" : 2, "b":3}', '{"b":1,  "a" : 2, "b":3}', '$'),
    (2, E'{\n\t"x": [1,\r\n2]\n}', E'{\n\t"x": [1,\r\n2]\n}', '$.a[*] ? (@ > 1)'),
    (3, 'null', 'null', 'strict $.a'),
    (4, '""', '""', '$."quoted key\\n"'),
    (5, '1e1000', '1e1000', '$.a + 1'),
    (6, '-0.0', '-0.0', '$.* like_regex "^a.*\\\\" flag "i"'),
    (7, '1.00', '1.00', NULL),
    (8, '"\ud83d\udc18 \\ \" \/ \b\f\n\r\t \u0001"', '"\ud83d\udc18 \\ \" \/ \b\f\n\r\t \u0001"', NULL),
    (9, '  [ ]  ', '[ ]', NULL),
    (10, '"\u0000 only json may keep this"', NULL, NULL),
    (11, '123456789012345678901234567890.123456789', '123456789012345678901234567890.123456789', NULL),
    (12, '{"":{"":[[],{},[[[]]]]}}', '{"":{"":[[],{},[[[]]]]}}', NULL),
    (13, '"日本語 🐘"', '"日本語 🐘"', NULL),
    (14, NULL, NULL, NULL);
INSERT INTO documents (id, verbatim, parsed)
SELECT 15, ('[' || string_agg(i::text, ', ') || ']')::json, ('[' || string_agg(i::text, ', ') || ']')::jsonb FROM generate_series(1, 5000) i;

-- Content that is not a document, and a document with a DOCTYPE that is not content before 14: both must load again.
CREATE TABLE markup (id integer PRIMARY KEY, x xml);
SET xmloption = content;
INSERT INTO markup VALUES
    (1, '<a b="c">d</a>'),
    (2, 'just text &amp; <b/>'),
    (3, '<a/><b/>'),
    (4, ''),
    (5, E'<a>\n\t<![CDATA[ <>&\\N ]]>\n</a>'),
    (6, '<!-- comment --><a/><?target data?>'),
    (7, '<r>日本語 &#x1F418;</r>'),
    (8, NULL),
    (9, '<?xml version="1.0" standalone="yes"?><a/>');
SET xmloption = document;
INSERT INTO markup VALUES (10, '<!DOCTYPE a [<!ELEMENT a ANY>]><a>typed</a>');
RESET xmloption;
