-- min: 12
-- covers: 30 38
-- about: triggers in each state of enabledness, on columns, with conditions and arguments, constraint triggers, transition tables, INSTEAD OF, event triggers

CREATE TABLE trail (n serial PRIMARY KEY, what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO trail (what) VALUES (format('%s %s %s %s', TG_NAME, TG_WHEN, TG_OP, array_to_string(TG_ARGV, ',')));
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no row may come in this way'; END $$;
CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.v := 'spoilt'; RETURN NEW; END $$;
CREATE FUNCTION count_rows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO trail (what) SELECT 'saw ' || count(*) FROM fresh; RETURN NULL; END $$;
CREATE FUNCTION compare_rows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO trail (what) SELECT 'changed ' || count(*) FROM stale JOIN fresh USING (id); RETURN NULL; END $$;

CREATE TABLE watched (id integer PRIMARY KEY, v text, w text);
INSERT INTO watched SELECT i, 'v' || i FROM generate_series(1, 10) i;
CREATE TRIGGER plain AFTER INSERT OR UPDATE OR DELETE ON watched FOR EACH ROW EXECUTE FUNCTION note('a', 'quo''te', E'back\\slash', '');
CREATE TRIGGER some_columns BEFORE UPDATE OF v, w ON watched FOR EACH ROW WHEN (OLD.v IS DISTINCT FROM NEW.v) EXECUTE FUNCTION note();
CREATE TRIGGER statement AFTER TRUNCATE ON watched FOR EACH STATEMENT EXECUTE FUNCTION note();
CREATE TRIGGER transition_in AFTER INSERT ON watched REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION count_rows();
CREATE TRIGGER transition_up AFTER UPDATE ON watched REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION compare_rows();
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON watched DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.id > 5) EXECUTE FUNCTION note();
CREATE CONSTRAINT TRIGGER beside AFTER UPDATE ON watched FROM trail DEFERRABLE FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER refuse_all BEFORE INSERT ON watched FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER spoil_all BEFORE INSERT ON watched FOR EACH ROW EXECUTE FUNCTION spoil();
CREATE TRIGGER replica_only BEFORE INSERT ON watched FOR EACH ROW EXECUTE FUNCTION spoil();
CREATE TRIGGER always_fires BEFORE INSERT ON watched FOR EACH ROW EXECUTE FUNCTION spoil();
ALTER TABLE watched DISABLE TRIGGER spoil_all;
ALTER TABLE watched ENABLE REPLICA TRIGGER replica_only;
ALTER TABLE watched ENABLE ALWAYS TRIGGER always_fires;
COMMENT ON TRIGGER plain ON watched IS 'the plain one';

CREATE VIEW watched_view AS SELECT id, v FROM watched;
CREATE TRIGGER instead INSTEAD OF INSERT ON watched_view FOR EACH ROW EXECUTE FUNCTION note();

-- A trigger of a partitioned table that one partition has in another state.
CREATE TABLE split (id integer, v text) PARTITION BY RANGE (id);
CREATE TABLE split_1 PARTITION OF split FOR VALUES FROM (0) TO (10);
CREATE TABLE split_2 PARTITION OF split FOR VALUES FROM (10) TO (20);
INSERT INTO split SELECT i, 'v' FROM generate_series(1, 19) i;
CREATE TRIGGER each_part AFTER INSERT ON split FOR EACH ROW EXECUTE FUNCTION note();
ALTER TABLE split_1 DISABLE TRIGGER each_part;

-- All of a table's triggers off, those of its foreign key among them.
CREATE TABLE all_off (id integer REFERENCES watched, v text);
INSERT INTO all_off VALUES (1, 'x');
CREATE TRIGGER t BEFORE INSERT ON all_off FOR EACH ROW EXECUTE FUNCTION refuse();
ALTER TABLE all_off DISABLE TRIGGER USER;

-- Last: it would see what comes before. Enabled while a database is restored, it would stop the restore.
CREATE FUNCTION refuse_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no % here', tg_tag; END $$;
CREATE FUNCTION watch_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
CREATE EVENT TRIGGER off_one ON ddl_command_start EXECUTE FUNCTION refuse_ddl();
ALTER EVENT TRIGGER off_one DISABLE;
CREATE EVENT TRIGGER replica_one ON sql_drop WHEN TAG IN ('DROP TABLE', 'DROP VIEW') EXECUTE FUNCTION watch_ddl();
ALTER EVENT TRIGGER replica_one ENABLE REPLICA;
CREATE EVENT TRIGGER always_one ON ddl_command_end EXECUTE FUNCTION watch_ddl();
ALTER EVENT TRIGGER always_one ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER always_one IS 'always';
CREATE EVENT TRIGGER "no more tables" ON ddl_command_start WHEN TAG IN ('CREATE TABLE', 'CREATE INDEX', 'ALTER TABLE') EXECUTE FUNCTION refuse_ddl();
