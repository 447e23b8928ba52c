-- min: 12
-- encoding: UTF8
-- covers: 2 26 49
-- about: strings that COPY must escape, strings that look like COPY's own marks, empty versus NULL, padding, every plane of Unicode

SET client_encoding = 'UTF8';
CREATE TABLE texts (id integer PRIMARY KEY, body text, short varchar(20), padded char(8), "single" "char", internal name);
INSERT INTO texts VALUES
    (1, '', '', '', '', ''),
    (2, NULL, NULL, NULL, NULL, NULL),
    (3, E'\\N', E'\\N', E'\\N', E'\\', E'\\N'),
    (4, E'\\.', E'\\.', E'\\.', '.', E'\\.'),
    (5, E'\t', E'a\tb', E'\t', E'\t', E'\t'),
    (6, E'\n', E'a\nb', E'\n', E'\n', E'\n'),
    (7, E'\r', E'a\r\nb', E'\r', E'\r', E'\r'),
    (8, E'\\', E'\\\\', E'\\t', 'x', E'\\n'),
    (9, E'\b\f\x0b\x07\x01\x7f', E'\x1b[31m', E'\x1a', E'\x01', E'\x0b'),
    (10, 'NULL', 'null', 'NULL', 'N', 'null'),
    (11, '  lead and trail  ', '   ', 'pad', ' ', ' x '),
    (12, '''"`$$;--/**/', '''', '"', '''', '"'),
    (13, E'line one\nline two\r\nline three\rline four\n', E'\n\n', 'x', 'x', 'x'),
    (14, 'héllo wörld ñ ß', 'naïve', 'éèê', 'e', 'é'),
    (15, '日本語 Ελληνικά עברית العربية', '日本', '中文', 'z', '日本'),
    (16, '🐘💾👩‍👩‍👧‍👦🏳️‍🌈', '🐘', '🐘', 'g', '🐘'),
    (17, U&'\FEFF' || 'byte order mark', U&'\00A0', U&'\200B', 'b', U&'\202E'),
    (18, U&'e\0301' || ' is not ' || U&'\00E9', U&'e\0301', U&'\00E9', 'c', 'nfc'),
    (19, chr(1114111) || chr(65533) || chr(57344), chr(128), chr(2047), 'p', chr(65535)),
    (20, E'a\\tb\\nc\\\\d\\x41', E'\\x41', E'\\101', 'o', E'\\'),
    (21, repeat('x', 20), repeat('x', 20), repeat('x', 8), 'l', repeat('n', 63));

-- One row for each single byte that text may hold, alone and between letters.
CREATE TABLE characters (code integer PRIMARY KEY, alone text, inside text);
INSERT INTO characters SELECT i, chr(i), 'a' || chr(i) || 'b' FROM generate_series(1, 300) i;

-- A table of one column: its empty string is an empty line, and its \. must not end the data.
CREATE TABLE one_column (only_one text);
INSERT INTO one_column VALUES (''), (NULL), (E'\\.'), (E'\\N'), (''), (E'\n'), (E'\\.\n\\.'), ('end');

-- High bytes of "char" need escaping of their own.
CREATE TABLE chars (id integer PRIMARY KEY, c "char");
INSERT INTO chars SELECT i, i::"char" FROM generate_series(-128, 127) i
WHERE i >= 0 OR current_setting('server_version_num')::integer >= 160000;
