-- min: 12
-- covers: 21 38
-- about: views that depend on each other, on primary keys, on themselves by recursion and in a circle; barriers, check options, column names of their own

CREATE TABLE people (id integer PRIMARY KEY, name text, boss integer REFERENCES people, born date);
INSERT INTO people VALUES (1, 'one', NULL, '2000-01-01'), (2, 'two', 1, NULL), (3, 'three', 1, '1999-12-31'), (4, 'four', 2, NULL);
CREATE VIEW named (n, "N", "the name") AS SELECT id, id + 1, name FROM people;
CREATE VIEW z_first AS SELECT * FROM named;
CREATE VIEW a_later AS SELECT z.*, p.born FROM z_first z JOIN people p ON p.id = z.n;
CREATE VIEW barrier WITH (security_barrier) AS SELECT * FROM people WHERE id > 1;
CREATE VIEW checked_local AS SELECT * FROM people WHERE id < 100 WITH LOCAL CHECK OPTION;
CREATE VIEW checked_cascaded AS SELECT * FROM checked_local WHERE name <> '' WITH CASCADED CHECK OPTION;
CREATE RECURSIVE VIEW chain (id, path) AS
    SELECT id, ARRAY[id] FROM people WHERE boss IS NULL UNION ALL SELECT p.id, c.path || p.id FROM people p JOIN chain c ON c.id = p.boss;
-- Needs the primary key, which pg_dump creates after the data: the view must wait for it.
CREATE VIEW grouped AS SELECT p.id, p.name, count(c.id) AS reports FROM people p LEFT JOIN people c ON c.boss = p.id GROUP BY p.id;
CREATE VIEW grouped_above AS SELECT name, reports FROM grouped WHERE reports > 0;
CREATE VIEW with_default AS SELECT id, name FROM people;
ALTER VIEW with_default ALTER COLUMN name SET DEFAULT 'from the view';
CREATE VIEW windowed AS SELECT id, rank() OVER w AS r, first_value(name) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE TIES) AS f
    FROM people WINDOW w AS (PARTITION BY boss ORDER BY born DESC NULLS LAST);
CREATE VIEW many_forms AS
    SELECT COALESCE(name, E'a\\b''c') AS a, CASE boss WHEN 1 THEN 'x' ELSE NULL END AS b, ARRAY(SELECT 1 UNION ALL SELECT 2) AS c,
        EXTRACT(year FROM born) AS d, (ROW(id, name)).f1 AS e, name COLLATE "C" AS f, born AT TIME ZONE 'Europe/Paris' AS g, NULLIF(id, 3)::numeric(5, 2) AS h,
        GREATEST(id, boss) AS i, id IN (SELECT boss FROM people) AS j, EXISTS (SELECT FROM people p2 WHERE p2.boss = people.id) AS k, overlay(name PLACING 'x' FROM 1) AS l
    FROM people TABLESAMPLE SYSTEM (100) REPEATABLE (1), LATERAL (SELECT people.id AS again) s, generate_series(1, 2) WITH ORDINALITY AS t(u, v),
        ROWS FROM (generate_series(1, 2), unnest(ARRAY['a', 'b'])) AS rf(x, y)
    ORDER BY f, v DESC FETCH FIRST 10 ROWS ONLY;
CREATE VIEW grouping_sets AS SELECT boss, born, grouping(boss, born) AS g, count(*) FILTER (WHERE id > 1), string_agg(name, ',' ORDER BY id) FROM people GROUP BY CUBE (boss), ROLLUP (born);
CREATE VIEW no_columns AS SELECT FROM people;
CREATE VIEW with_xml_json AS SELECT xmlelement(name x, xmlattributes(id AS i), name) AS x, to_jsonb(people) -> 'name' AS j FROM people;
COMMENT ON VIEW named IS 'has names of its own';
COMMENT ON COLUMN named."the name" IS 'with a space';

-- A circle: the view uses the function, whose argument is the view's row.
CREATE VIEW circular AS SELECT 1 AS one, NULL::text AS label;
CREATE FUNCTION circle_label(circular) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''circle ''::text || $1.one';
CREATE OR REPLACE VIEW circular AS SELECT 1 AS one, circle_label(ROW(1, 'x')::circular) AS label;
-- A table whose column has a view's row type, and whose default calls a function that reads the view.
CREATE FUNCTION top_name() RETURNS text LANGUAGE sql STABLE AS 'SELECT name FROM public.people ORDER BY id LIMIT 1';
CREATE TABLE holds_view_rows (id integer PRIMARY KEY, v with_default, t text DEFAULT top_name());
INSERT INTO holds_view_rows VALUES (1, ROW(1, 'x'), DEFAULT), (2, NULL, NULL);
-- A column that was renamed, and one that was retyped under a view.
ALTER TABLE people RENAME COLUMN born TO "Birth Day";
