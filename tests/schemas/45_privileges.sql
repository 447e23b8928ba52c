-- min: 12
-- encoding: UTF8
-- roles: schemas_p_owner schemas_p_reader "Schemas p odd ""role"" 🐘" "schemas p user" schemas_p_group
-- covers: 3 44 47
-- about: owners other than the one who restores, grants with grant option and by others, on columns, to odd role names; default privileges; nothing left to the owner

SET client_encoding = 'UTF8';
DO $$
DECLARE
    r text;
BEGIN
    FOREACH r IN ARRAY ARRAY['schemas_p_owner', 'schemas_p_reader', 'Schemas p odd "role" 🐘', 'schemas p user', 'schemas_p_group'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN EXECUTE format('CREATE ROLE %I', r); END IF;
    END LOOP;
END $$;
GRANT schemas_p_group TO schemas_p_reader WITH ADMIN OPTION;
ALTER ROLE "schemas p user" SET search_path = 'odd schema', public;

CREATE SCHEMA owned AUTHORIZATION schemas_p_owner;
CREATE SCHEMA shared;
GRANT USAGE, CREATE ON SCHEMA shared TO "Schemas p odd ""role"" 🐘" WITH GRANT OPTION;
GRANT USAGE ON SCHEMA owned TO PUBLIC;

CREATE TABLE owned.t (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, open text, secret text);
CREATE TABLE owned.serial_t (id serial, v text);
CREATE VIEW owned.v AS SELECT id, open FROM owned.t;
CREATE MATERIALIZED VIEW owned.m AS SELECT count(*) AS n FROM owned.t;
CREATE SEQUENCE owned.s;
CREATE FUNCTION owned.f(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1';
CREATE PROCEDURE owned.p() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE owned.a(integer) (SFUNC = int4pl, STYPE = integer);
CREATE TYPE owned.e AS ENUM ('x');
CREATE TYPE owned.c AS (x integer);
CREATE DOMAIN owned.d AS integer;
CREATE COLLATION owned.coll (LOCALE = 'C');
CREATE STATISTICS owned.st ON id, open FROM owned.t;
CREATE TEXT SEARCH CONFIGURATION owned.ts (COPY = simple);
INSERT INTO owned.t (open, secret) VALUES ('open', 'secret');
ALTER TABLE owned.t OWNER TO schemas_p_owner;
ALTER TABLE owned.serial_t OWNER TO schemas_p_owner;
ALTER VIEW owned.v OWNER TO schemas_p_owner;
ALTER MATERIALIZED VIEW owned.m OWNER TO schemas_p_owner;
ALTER SEQUENCE owned.s OWNER TO "Schemas p odd ""role"" 🐘";
ALTER FUNCTION owned.f(integer) OWNER TO "schemas p user";
ALTER PROCEDURE owned.p() OWNER TO schemas_p_owner;
ALTER AGGREGATE owned.a(integer) OWNER TO schemas_p_owner;
ALTER TYPE owned.e OWNER TO schemas_p_owner;
ALTER TYPE owned.c OWNER TO schemas_p_owner;
ALTER DOMAIN owned.d OWNER TO schemas_p_owner;
ALTER COLLATION owned.coll OWNER TO schemas_p_owner;
ALTER STATISTICS owned.st OWNER TO schemas_p_owner;
ALTER TEXT SEARCH CONFIGURATION owned.ts OWNER TO schemas_p_owner;

-- A chain: the owner grants with grant option, that role grants further.
SET ROLE schemas_p_owner;
GRANT SELECT, UPDATE, TRIGGER ON owned.t TO schemas_p_reader WITH GRANT OPTION;
GRANT SELECT (id, open), INSERT (open), UPDATE (open), REFERENCES (id) ON owned.t TO "Schemas p odd ""role"" 🐘" WITH GRANT OPTION;
SET ROLE schemas_p_reader;
GRANT SELECT, TRIGGER ON owned.t TO "schemas p user", PUBLIC;
RESET ROLE;
GRANT ALL ON owned.v TO schemas_p_reader;
GRANT SELECT ON owned.m TO PUBLIC;
GRANT USAGE ON SEQUENCE owned.s TO schemas_p_reader WITH GRANT OPTION;
GRANT SELECT, UPDATE ON SEQUENCE owned.t_id_seq, owned.serial_t_id_seq TO schemas_p_group;
REVOKE EXECUTE ON FUNCTION owned.f(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION owned.f(integer) TO schemas_p_group;
REVOKE EXECUTE ON PROCEDURE owned.p() FROM PUBLIC, schemas_p_owner;
REVOKE USAGE ON TYPE owned.e FROM PUBLIC;
GRANT USAGE ON DOMAIN owned.d TO schemas_p_reader;
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql TO schemas_p_group;
-- Its owner may not read it any more, nor may anybody.
REVOKE ALL ON owned.serial_t FROM schemas_p_owner;
CREATE TABLE nobody (id integer);
INSERT INTO nobody VALUES (1);
DO $$ BEGIN EXECUTE format('REVOKE ALL ON nobody FROM %I', current_user); END $$;

ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO schemas_p_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE schemas_p_owner IN SCHEMA owned GRANT INSERT, SELECT ON TABLES TO "Schemas p odd ""role"" 🐘" WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE schemas_p_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE "schemas p user" GRANT USAGE ON SEQUENCES TO PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE schemas_p_owner REVOKE USAGE ON TYPES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE schemas_p_owner GRANT CREATE ON SCHEMAS TO schemas_p_group;
-- Made after the defaults: its privileges come from them, and must not be given twice.
CREATE TABLE after_defaults (id integer);
-- A catalog's own privileges, changed.
REVOKE SELECT ON pg_catalog.pg_stat_activity FROM PUBLIC;
GRANT SELECT (rolname) ON pg_catalog.pg_authid TO schemas_p_reader;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_waldir() TO schemas_p_reader;
