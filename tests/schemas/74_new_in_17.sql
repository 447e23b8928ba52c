-- min: 17
-- covers: 38 44
-- about: what 17 brought: infinite intervals, identity columns of partitioned tables, JSON_TABLE, MERGE that returns, the MAINTAIN privilege, the builtin collation provider

CREATE TABLE spans (id integer PRIMARY KEY, i interval);
INSERT INTO spans VALUES (1, 'infinity'), (2, '-infinity'), (3, '1 day');
CREATE TABLE parted (id integer GENERATED ALWAYS AS IDENTITY, during int4range) PARTITION BY RANGE (during);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('[0,1)') TO ('[10,11)');
INSERT INTO parted (during) VALUES ('[1,2)'), ('[2,3)');
CREATE VIEW tables_of_json AS
    SELECT jt.* FROM JSON_TABLE(jsonb '{"f":[{"k":1},{"k":"x"}]}', '$.f[*]' AS p COLUMNS (n FOR ORDINALITY, k integer PATH '$.k' DEFAULT -1 ON ERROR, e boolean EXISTS PATH '$.z', NESTED PATH '$.a[*]' COLUMNS (z text PATH '$'))) jt;
CREATE VIEW json_queries AS SELECT JSON_VALUE(jsonb '{"a":1}', '$.a' RETURNING integer DEFAULT 0 ON EMPTY) AS v, JSON_QUERY(jsonb '[1]', '$' WITH WRAPPER) AS q, JSON_EXISTS(jsonb '1', '$') AS e, JSON_SCALAR(1) AS s;
CREATE FUNCTION merges() RETURNS SETOF integer LANGUAGE sql
BEGIN ATOMIC
    MERGE INTO spans USING (VALUES (1)) AS s (x) ON spans.id = s.x WHEN NOT MATCHED BY SOURCE THEN DELETE WHEN MATCHED THEN DO NOTHING RETURNING spans.id;
END;
CREATE COLLATION by_code_point (PROVIDER = builtin, LOCALE = 'C.UTF-8');
CREATE TABLE collated (t text COLLATE by_code_point PRIMARY KEY);
INSERT INTO collated VALUES ('b'), ('B'), ('a');
GRANT MAINTAIN ON spans TO PUBLIC;
CREATE STATISTICS s ON id, i FROM spans;
ALTER STATISTICS s SET STATISTICS DEFAULT;
ALTER TABLE spans ALTER COLUMN i SET STATISTICS DEFAULT;
CREATE FUNCTION on_login() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
CREATE EVENT TRIGGER logs_in ON login EXECUTE FUNCTION on_login();
ALTER EVENT TRIGGER logs_in ENABLE ALWAYS;
