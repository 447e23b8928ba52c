-- min: 15
-- roles: schemas_15_user
-- covers: 41
-- about: what 15 brought: NULLS NOT DISTINCT, views that check the caller, publications of schemas, columns and rows, MERGE, intervals' full range, foreign keys that null some columns

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'schemas_15_user') THEN CREATE ROLE schemas_15_user; END IF;
END $$;
CREATE SCHEMA app;
CREATE TABLE app.t (id integer PRIMARY KEY, a integer, b text, UNIQUE NULLS NOT DISTINCT (a, b));
INSERT INTO app.t VALUES (1, NULL, NULL), (2, 1, NULL), (3, 1, 'x');
CREATE UNIQUE INDEX t_b ON app.t (b, id) NULLS NOT DISTINCT WHERE id > 0;
CREATE VIEW app.as_caller WITH (security_invoker = true) AS SELECT * FROM app.t;
CREATE PUBLICATION of_schema FOR TABLES IN SCHEMA app, public;
CREATE PUBLICATION of_rows FOR TABLE app.t (id, a) WHERE (a > 5 AND b <> 'it''s') WITH (publish = 'insert');
CREATE PUBLICATION mixed FOR TABLE app.t, TABLES IN SCHEMA public;
CREATE SUBSCRIPTION schemas_72_sub CONNECTION 'host=/nonexistent' PUBLICATION p WITH (connect = false, enabled = false, slot_name = NONE, two_phase = true, disable_on_error = true, binary = true, streaming = true);
CREATE TABLE parent (a integer, b integer, PRIMARY KEY (a, b));
CREATE TABLE child (a integer, b integer, FOREIGN KEY (a, b) REFERENCES parent ON DELETE SET NULL (b));
INSERT INTO parent VALUES (1, 1);
INSERT INTO child VALUES (1, 1), (2, NULL);
CREATE TABLE spans (id integer PRIMARY KEY, i interval);
INSERT INTO spans VALUES (1, '2562047788:00:54.775807'), (2, '-2562047788:00:54.775807');
CREATE TABLE numbers (tiny numeric(3, 5), rough numeric(3, -2));
INSERT INTO numbers VALUES (0.00999, 12345), (-0.00001, -99900);
CREATE PROCEDURE merges() LANGUAGE sql
BEGIN ATOMIC
    MERGE INTO app.t USING parent ON t.id = parent.a WHEN MATCHED AND t.a IS NULL THEN UPDATE SET b = 'merged' WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id) VALUES (parent.a);
END;
