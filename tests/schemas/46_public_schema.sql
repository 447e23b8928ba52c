-- min: 15
-- roles: schemas_p_public
-- covers: 44
-- about: the schema "public" with other privileges, another owner and another comment. Below 15 a newer pg_dump gets them wrong: it takes CREATE for PUBLIC as never given

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'schemas_p_public') THEN CREATE ROLE schemas_p_public; END IF;
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO schemas_p_public;
ALTER SCHEMA public OWNER TO schemas_p_public;
COMMENT ON SCHEMA public IS 'ours';
CREATE TABLE t (id integer);
INSERT INTO t VALUES (1);
