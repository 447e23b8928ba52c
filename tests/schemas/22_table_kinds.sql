-- min: 12
-- roles: schemas_rls_reader schemas_rls_owner
-- covers: 10 21 23 24 29 30
-- about: unlogged tables and sequences' tables, temporary leftovers, row security forced on the owner, rules that would swallow a load

CREATE UNLOGGED TABLE unlogged (id serial PRIMARY KEY, v text);
INSERT INTO unlogged (v) SELECT 'v' || i FROM generate_series(1, 100) i;
ALTER TABLE unlogged ADD COLUMN big text DEFAULT repeat('x', 3000);
CREATE TABLE logged_later (id integer);
INSERT INTO logged_later VALUES (1);
ALTER TABLE logged_later SET UNLOGGED;
CREATE UNLOGGED TABLE unlogged_first (id integer);
INSERT INTO unlogged_first VALUES (2);
ALTER TABLE unlogged_first SET LOGGED;

-- Gone with the session; a tool that lists all of pg_class sees it while the session lasts.
CREATE TEMPORARY TABLE temporary_table (id integer);
INSERT INTO temporary_table VALUES (1);

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'schemas_rls_reader') THEN CREATE ROLE schemas_rls_reader LOGIN; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'schemas_rls_owner') THEN CREATE ROLE schemas_rls_owner LOGIN; END IF;
END $$;
-- Five of its ten rows are all that its owner sees.
CREATE TABLE guarded (id integer PRIMARY KEY, owner_sees boolean NOT NULL, v text);
INSERT INTO guarded SELECT i, i % 2 = 0, 'v' || i FROM generate_series(1, 10) i;
ALTER TABLE guarded OWNER TO schemas_rls_owner;
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
ALTER TABLE guarded FORCE ROW LEVEL SECURITY;
CREATE POLICY half ON guarded FOR SELECT TO schemas_rls_owner, schemas_rls_reader USING (owner_sees);
CREATE POLICY none_in ON guarded AS RESTRICTIVE FOR INSERT TO PUBLIC WITH CHECK (false);
CREATE POLICY both_ways ON guarded FOR UPDATE USING (owner_sees) WITH CHECK (NOT owner_sees AND v IN (SELECT g.v FROM guarded g));
GRANT SELECT, INSERT ON guarded TO schemas_rls_reader;
-- Enabled with no policy at all; policies that are not enabled; forced without being enabled.
CREATE TABLE closed (id integer);
INSERT INTO closed VALUES (1), (2);
ALTER TABLE closed ENABLE ROW LEVEL SECURITY;
CREATE TABLE asleep (id integer);
INSERT INTO asleep VALUES (3);
CREATE POLICY dormant ON asleep USING (false);
CREATE TABLE forced_only (id integer);
ALTER TABLE forced_only FORCE ROW LEVEL SECURITY;

CREATE TABLE ruled (id integer, v text);
INSERT INTO ruled VALUES (1, 'kept'), (2, 'kept');
CREATE TABLE rule_log (what text, at timestamptz DEFAULT '2024-01-01 00:00:00+00');
CREATE RULE swallow AS ON INSERT TO ruled DO INSTEAD NOTHING;
CREATE RULE log_update AS ON UPDATE TO ruled WHERE NEW.id <> OLD.id DO ALSO INSERT INTO rule_log (what) VALUES (OLD.v || ' -> ' || NEW.v);
CREATE RULE never AS ON DELETE TO ruled DO INSTEAD (INSERT INTO rule_log (what) VALUES ('no; not this'); UPDATE rule_log SET what = what WHERE false);
ALTER TABLE ruled DISABLE RULE log_update;
ALTER TABLE ruled ENABLE ALWAYS RULE never;
CREATE VIEW ruled_view AS SELECT id, v FROM ruled;
CREATE RULE through AS ON INSERT TO ruled_view DO INSTEAD INSERT INTO rule_log (what) VALUES (NEW.v) RETURNING 0, what;
