-- min: 12
-- covers: 26
-- about: every range type: empty, unbounded, infinite bounds (not the same as unbounded), quoted bounds; a range type of one's own

SET TimeZone = 'UTC';
CREATE TABLE spans (id integer PRIMARY KEY, i4 int4range, i8 int8range, n numrange, ts tsrange, tz tstzrange, d daterange);
INSERT INTO spans VALUES
    (1, 'empty', 'empty', 'empty', 'empty', 'empty', 'empty'),
    (2, '(,)', '(,)', '(,)', '(,)', '(,)', '(,)'),
    (3, '[1,10]', '(1,10)', '(1.0,10.00]', '[2024-01-01,2024-02-01)', '[2024-01-01 00:00+00,)', '[2024-01-01,2024-01-31]'),
    (4, '[,5)', '[-9223372036854775808,9223372036854775807)', '[NaN,NaN]', '(-infinity,infinity)', '[-infinity,infinity]', '[-infinity,infinity)'),
    (5, NULL, NULL, NULL, NULL, NULL, NULL),
    (6, '[1,1]', '[1,1]', '[1,1]', '[0044-03-15 BC,0044-03-16 BC]', '[4713-01-01 00:00+00 BC,)', '[0044-03-15 BC,0044-03-16 BC)');

CREATE TYPE textual AS RANGE (subtype = text, collation = "C");
CREATE FUNCTION float_diff(a double precision, b double precision) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS 'SELECT a - b';
CREATE TYPE floatrange AS RANGE (subtype = double precision, subtype_diff = float_diff);
CREATE TABLE own_ranges (id integer PRIMARY KEY, words textual, floats floatrange, many int4range[], of_text textual[]);
INSERT INTO own_ranges VALUES
    (1, '[a,b)', '[0.1,0.30000000000000004]', '{"[1,5)","empty",NULL}', '{"[a,b)"}'),
    (2, textual('', E'with "quotes", comma\\ and ]'), '(-infinity,infinity)', '{}', ARRAY[textual('{', E'}\\'), 'empty']),
    (3, textual(NULL, E'\t\n'), '[NaN,NaN]', NULL, NULL),
    (4, '["",""]', NULL, NULL, NULL);
CREATE INDEX own_ranges_words ON own_ranges USING gist (floats);

-- Ranges in an exclusion constraint.
CREATE TABLE bookings (during daterange NOT NULL, EXCLUDE USING gist (during WITH &&));
INSERT INTO bookings VALUES ('[2024-01-01,2024-01-05)'), ('[2024-01-05,2024-01-06)'), ('empty');
