-- min: 12
-- contrib: postgres_fdw, file_fdw
-- roles: schemas_fdw_user
-- covers: 11 21 34
-- about: foreign data wrappers, servers, user mappings and foreign tables: their data is elsewhere and often out of reach

CREATE EXTENSION postgres_fdw;
CREATE EXTENSION file_fdw;
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'schemas_fdw_user') THEN CREATE ROLE schemas_fdw_user; END IF;
END $$;
CREATE FOREIGN DATA WRAPPER own_wrapper HANDLER postgres_fdw_handler VALIDATOR postgresql_fdw_validator;
CREATE FOREIGN DATA WRAPPER no_handler;
CREATE SERVER nowhere TYPE 'odd type' VERSION '1.0' FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '/nonexistent', dbname 'no ''such'' db', port '1', fetch_size '7');
CREATE SERVER "Odd Server" FOREIGN DATA WRAPPER no_handler OPTIONS ("odd option" E'a\\b''c');
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE USER MAPPING FOR CURRENT_USER SERVER nowhere OPTIONS (user 'somebody', password 'not a ''secret''');
CREATE USER MAPPING FOR PUBLIC SERVER nowhere OPTIONS (user 'anybody');
CREATE USER MAPPING FOR schemas_fdw_user SERVER "Odd Server" OPTIONS (odd E'\\');
GRANT USAGE ON FOREIGN SERVER nowhere TO schemas_fdw_user WITH GRANT OPTION;
GRANT USAGE ON FOREIGN DATA WRAPPER no_handler TO schemas_fdw_user;
COMMENT ON SERVER nowhere IS 'points nowhere';
COMMENT ON FOREIGN DATA WRAPPER no_handler IS 'has none';

CREATE FOREIGN TABLE remote (id integer OPTIONS (column_name 'the id') NOT NULL, v text COLLATE "C" DEFAULT 'x', CHECK (id > 0)) SERVER nowhere OPTIONS (schema_name 's', table_name 't''t', updatable 'false');
CREATE FOREIGN TABLE nothing_in_it (line text) SERVER files OPTIONS (filename '/dev/null', format 'csv');
CREATE FOREIGN TABLE two_lines (a integer, b text) SERVER files OPTIONS (program 'printf "1,one\n2,two\n"', format 'csv');
COMMENT ON FOREIGN TABLE remote IS 'not here';
COMMENT ON COLUMN remote.id IS 'not here either';
ALTER FOREIGN TABLE remote ALTER COLUMN v SET STATISTICS 10;
GRANT SELECT (id), UPDATE (v) ON remote TO schemas_fdw_user;

-- A local table whose partition and whose child are foreign.
CREATE TABLE mixed (id integer, v text) PARTITION BY RANGE (id);
CREATE TABLE mixed_local PARTITION OF mixed FOR VALUES FROM (0) TO (10);
CREATE FOREIGN TABLE mixed_remote PARTITION OF mixed FOR VALUES FROM (10) TO (20) SERVER nowhere;
INSERT INTO mixed SELECT i, 'local' FROM generate_series(0, 9) i;
CREATE TABLE heir_of (id integer);
INSERT INTO heir_of VALUES (1);
CREATE FOREIGN TABLE heir () INHERITS (heir_of) SERVER nowhere;
CREATE VIEW over_remote AS SELECT * FROM remote;
CREATE MATERIALIZED VIEW over_remote_unfilled AS SELECT * FROM remote WITH NO DATA;
CREATE MATERIALIZED VIEW over_files AS SELECT * FROM two_lines;
