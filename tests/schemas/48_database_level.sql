-- min: 12
-- roles: schemas_d_user schemas_d_owner
-- covers: 44
-- about: what belongs to the database itself: comment, owner, privileges, connection limit, settings, a role's settings in it alone

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'schemas_d_user') THEN CREATE ROLE schemas_d_user; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'schemas_d_owner') THEN CREATE ROLE schemas_d_owner; END IF;
    EXECUTE format('COMMENT ON DATABASE %I IS %L', current_database(), E'it''s a\ndatabase; \\.');
    EXECUTE format('ALTER DATABASE %I OWNER TO schemas_d_owner', current_database());
    EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 50', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO schemas_d_user WITH GRANT OPTION', current_database());
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO PUBLIC', current_database());
    EXECUTE format('ALTER DATABASE %I SET work_mem = ''7MB''', current_database());
    EXECUTE format('ALTER DATABASE %I SET search_path = ''Odd Schema'', "$user", public', current_database());
    EXECUTE format('ALTER DATABASE %I SET "own.setting" = %L', current_database(), E'it''s "x" \\ y');
    EXECUTE format('ALTER ROLE schemas_d_user IN DATABASE %I SET work_mem = ''8MB''', current_database());
    EXECUTE format('ALTER ROLE schemas_d_user IN DATABASE %I SET search_path = app', current_database());
END $$;
CREATE SCHEMA "Odd Schema";
CREATE TABLE "Odd Schema".t (id integer);
CREATE TABLE public.t (v text);
INSERT INTO "Odd Schema".t VALUES (1);
INSERT INTO public.t VALUES ('public');
