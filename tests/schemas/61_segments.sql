-- min: 12
-- covers: 37
-- moves: segmented (COPY fills the pages otherwise, so the order of its rows is not the same)
-- about: a table of some 3,000 pages, several segments of 1,024, with rows of very different widths and a stretch of pages that holds nothing

CREATE TABLE segmented (id integer, grp integer, v text) WITH (autovacuum_enabled = false, fillfactor = 80);
INSERT INTO segmented SELECT i, i % 100, repeat(md5(i::text), 1 + i % 9) FROM generate_series(1, 90000) i;
DELETE FROM segmented WHERE id BETWEEN 30000 AND 62000;
-- Exactly one page, and one row more than a page.
CREATE TABLE one_page (id integer, v text) WITH (autovacuum_enabled = false);
INSERT INTO one_page SELECT i, repeat('p', 1000) FROM generate_series(1, 7) i;
CREATE TABLE two_pages (id integer, v text) WITH (autovacuum_enabled = false);
INSERT INTO two_pages SELECT i, repeat('p', 1000) FROM generate_series(1, 8) i;
