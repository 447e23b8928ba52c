-- min: 16
-- covers: 38 41
-- about: what 16 brought: STORAGE in CREATE TABLE, JSON constructors and tests in views and bodies, numbers with underscores, subscriptions' origin

CREATE TABLE t (id integer PRIMARY KEY, v text STORAGE EXTERNAL, w text STORAGE PLAIN);
INSERT INTO t VALUES (1_000, repeat('v', 5000), '0x1F'), (0x1F, NULL, NULL);
CREATE VIEW json_forms AS
    SELECT JSON_OBJECT('k' : id, 'n' : NULL ABSENT ON NULL) AS o, JSON_ARRAY(id, 'x' FORMAT JSON) AS a, v IS JSON OBJECT WITH UNIQUE KEYS AS j, JSON_ARRAYAGG(id) OVER (ORDER BY id) AS g
    FROM t;
CREATE VIEW any_values AS SELECT any_value(v) AS v, count(*) AS n FROM t GROUP BY w;
CREATE SUBSCRIPTION schemas_73_sub CONNECTION 'host=/nonexistent' PUBLICATION p
    WITH (connect = false, enabled = false, slot_name = NONE, origin = none, password_required = false, run_as_owner = true, streaming = parallel);
CREATE TABLE checked (d date, i interval);
INSERT INTO checked VALUES ('-infinity', '1 day');
