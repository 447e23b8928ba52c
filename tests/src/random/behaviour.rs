//! What does something by itself: functions, procedures, aggregates, triggers, rules, policies.

use super::rights::ROLES;
use super::tables::Kind;
use super::{Owned, Script};
use common::name::{ident, literal};

impl Script {
    /// The first is for generated columns and indexes, and needs nothing but the system's own.
    pub(super) fn make_functions(&mut self) {
        let name = self.new_name("twice");
        self.say(&format!(
            "CREATE FUNCTION {name}(integer) RETURNS integer IMMUTABLE STRICT PARALLEL SAFE COST 3 LANGUAGE sql AS 'SELECT $1 * 2'"
        ));
        self.functions.push(name.to_string());
        for _ in 0..self.rng.below(4) {
            self.make_function();
        }
        if self.rng.chance(40) {
            let name = self.new_name("run");
            let body = "BEGIN RAISE NOTICE 'it''s % \\ $$', a; END";
            self.say(&format!(
                "CREATE PROCEDURE {name}(INOUT a integer DEFAULT 5) LANGUAGE plpgsql AS {}",
                literal(body)
            ));
            self.make_known("PROCEDURE", format!("{name}(integer)"));
        }
        if self.rng.chance(40) {
            let name = self.new_name("total");
            self.say(&format!("CREATE AGGREGATE {name}(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', COMBINEFUNC = int4pl, PARALLEL = SAFE)"));
            self.make_known("AGGREGATE", format!("{name}(integer)"));
        }
    }

    fn make_function(&mut self) {
        let name = self.new_name("helper");
        let argument = ident(&self.names.fresh(&mut self.rng, "argument"));
        let text = literal("SELECT 'a\nb' || chr(9) || '\\' || 'it''s ; $$'");
        let mut forms = vec![
            (format!("{argument} text DEFAULT 'it''s', b integer DEFAULT 1 + 1"), format!("RETURNS text LANGUAGE sql AS {text}"), "text, integer"),
            (
                format!("{argument} integer"),
                "RETURNS SETOF integer LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, 'odd \"path' SET work_mem = '1MB' AS 'BEGIN\n  RETURN QUERY SELECT 1;\nEND'".to_owned(),
                "integer",
            ),
            (
                format!("{argument} integer, OUT x integer, OUT \"odd out\" text"),
                "LANGUAGE sql LEAKPROOF COST 7 AS 'SELECT 1, ''x'''".to_owned(),
                "integer",
            ),
            (format!("VARIADIC {argument} integer[]"), "RETURNS TABLE (n integer, v text) LANGUAGE sql ROWS 12 AS 'SELECT 1, ''v'''".to_owned(), "integer[]"),
            (format!("{argument} anyelement"), "RETURNS anyarray LANGUAGE sql AS 'SELECT ARRAY[$1]'".to_owned(), "anyelement"),
        ];
        if self.major >= 14 {
            forms.push((
                format!("{argument} integer, b text DEFAULT CURRENT_USER"),
                format!("RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT {argument}::text || b || extract(year FROM date '2024-01-01')::text; END"),
                "integer, text",
            ));
            forms.push((
                format!("{argument} double precision"),
                format!("RETURNS double precision LANGUAGE sql IMMUTABLE RETURN sqrt({argument}) + 0.1"),
                "double precision",
            ));
        }
        let (arguments, rest, signature) = self.rng.pick(&forms).clone();
        self.say(&format!("CREATE FUNCTION {name}({arguments}) {rest}"));
        self.make_known("FUNCTION", format!("{name}({signature})"));
    }

    fn make_known(&mut self, kind: &'static str, name: String) {
        self.comment(kind, &name);
        let grant = if kind == "PROCEDURE" { "PROCEDURE" } else { "FUNCTION" };
        self.owned.push(Owned { alter: kind, grant, name, privileges: &["EXECUTE"] });
    }

    /// None of them may touch a row that a restore loads.
    pub(super) fn make_triggers_and_rules(&mut self) {
        let function = self.new_name("on_change");
        let body = "BEGIN RAISE EXCEPTION 'no row may come in this way: %', TG_NAME; END";
        self.say(&format!(
            "CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS {}",
            literal(body)
        ));
        for table in self.tables.clone() {
            if !self.rng.chance(30) || table.kind == Kind::Partition {
                continue;
            }
            let trigger = ident(&self.names.fresh(&mut self.rng, "trigger"));
            let on = format!("ON {}", table.name);
            let mut forms = vec![
                format!(
                    "AFTER INSERT OR UPDATE OR DELETE {on} FOR EACH ROW EXECUTE FUNCTION {function}('a', 'quo''te', 'back\\slash', '')"
                ),
                format!("BEFORE TRUNCATE {on} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"),
                format!(
                    "AFTER INSERT {on} FOR EACH STATEMENT WHEN (pg_trigger_depth() < 1) EXECUTE FUNCTION {function}()"
                ),
            ];
            if table.kind == Kind::Plain {
                forms.push(format!("BEFORE INSERT {on} FOR EACH ROW EXECUTE FUNCTION {function}()"));
                forms.push(format!("AFTER UPDATE {on} REFERENCING OLD TABLE AS o NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION {function}()"));
            }
            if let Some((column, _)) = table.columns.first() {
                forms.push(format!(
                    "BEFORE UPDATE OF {column} {on} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
                ));
            }
            if let Some(id) = &table.id
                && table.kind == Kind::Plain
            {
                forms.push(format!("AFTER UPDATE {on} FOR EACH ROW WHEN (OLD.{id} IS DISTINCT FROM NEW.{id} AND NEW.* IS NOT NULL) EXECUTE FUNCTION {function}()"));
            }
            let form = self.rng.pick(&forms).clone();
            self.say(&format!("CREATE TRIGGER {trigger} {form}"));
            self.comment("TRIGGER", &format!("{trigger} {on}"));
            let state = self.rng.word(&["", "DISABLE", "ENABLE REPLICA", "ENABLE ALWAYS"]);
            if !state.is_empty() {
                self.say(&format!("ALTER TABLE {} {state} TRIGGER {trigger}", table.name));
            }
        }
        for table in self.tables.clone() {
            if let Some(id) = &table.id
                && self.rng.chance(12)
                && table.kind == Kind::Plain
            {
                let rule = ident(&self.names.fresh(&mut self.rng, "rule"));
                let forms = [
                    format!("ON INSERT TO {} WHERE NEW.{id} > 100000 DO INSTEAD NOTHING", table.name),
                    format!("ON DELETE TO {} DO INSTEAD NOTHING", table.name),
                    format!("ON UPDATE TO {} DO ALSO NOTIFY changed, 'x'", table.name),
                ];
                let form = self.rng.pick(&forms).clone();
                self.say(&format!("CREATE RULE {rule} AS {form}"));
                self.comment("RULE", &format!("{rule} ON {}", table.name));
                if self.rng.chance(30) {
                    self.say(&format!("ALTER TABLE {} DISABLE RULE {rule}", table.name));
                }
            }
        }
    }

    pub(super) fn make_policies(&mut self) {
        for table in self.tables.clone() {
            let Some(id) = table.id.clone().filter(|_| self.rng.chance(20)) else { continue };
            let policy = ident(&self.names.fresh(&mut self.rng, "policy"));
            let role = ident(self.rng.word(ROLES));
            let forms = [
                format!("FOR SELECT TO {role}, PUBLIC USING ({id} > 5)"),
                format!(
                    "AS RESTRICTIVE FOR ALL TO {role} USING ({id} % 2 = 0 AND CURRENT_USER <> 'x') WITH CHECK ({id} < 10)"
                ),
                format!("FOR INSERT WITH CHECK (({id})::text = ANY (ARRAY['1', '2']))"),
                format!("USING (EXISTS (SELECT 1 FROM {} AS t WHERE t.{id} = 1))", table.name),
            ];
            let form = self.rng.pick(&forms).clone();
            self.say(&format!("CREATE POLICY {policy} ON {} {form}", table.name));
            self.comment("POLICY", &format!("{policy} ON {}", table.name));
            let state = self.rng.word(&["", "ENABLE", "FORCE"]);
            if !state.is_empty() {
                self.say(&format!("ALTER TABLE {} {state} ROW LEVEL SECURITY", table.name));
            }
        }
    }
}
