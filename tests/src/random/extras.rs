//! What is no table and no view: sequences in every state, large objects, publications, statistics, foreign servers, and the
//! rarer kinds.

use super::tables::Kind;
use super::{Owned, Script};
use common::name::{ident, literal};

impl Script {
    pub(super) fn make_extras(&mut self) {
        for _ in 0..self.rng.below(4) {
            self.make_sequence();
        }
        for number in 0..self.rng.below(4) {
            self.make_large_object(number);
        }
        self.make_statistics();
        if self.rng.chance(30) {
            self.make_foreign();
        }
        for _ in 0..self.rng.below(3) {
            self.make_rare();
        }
        for _ in 0..self.rng.below(3) {
            self.make_publication();
        }
        if self.rng.chance(15) {
            self.make_event_trigger();
        }
    }

    fn make_sequence(&mut self) {
        let name = self.new_name("counter").to_string();
        let called = literal(&name);
        let (options, call) = *self.rng.pick(&[
            ("", ""),
            ("", "nextval"),
            ("START 1000 MINVALUE 500", "nextval"),
            ("INCREMENT -3 MINVALUE -100 MAXVALUE 100 START 100", "nextval"),
            ("MAXVALUE 2 START 2", "nextval"),
            ("MAXVALUE 3 CYCLE", "nextval"),
            ("AS smallint", "32767, true"),
            ("AS integer MINVALUE -5", "-5, false"),
            ("", "9223372036854775807, true"),
            ("INCREMENT 9223372036854775807 MINVALUE -9223372036854775808 START -9223372036854775808", ""),
            ("CACHE 50", "nextval"),
            ("", "17, false"),
        ]);
        let unlogged = if self.major >= 15 && self.rng.chance(10) { "UNLOGGED " } else { "" };
        self.say(&format!("CREATE {unlogged}SEQUENCE {name} {options}"));
        match call {
            "" => {}
            "nextval" => self.say(&format!("SELECT nextval({called})")),
            state => self.say(&format!("SELECT setval({called}, {state})")),
        }
        if self.rng.chance(15) {
            self.say(&format!("ALTER SEQUENCE {name} RESTART"));
        }
        self.comment("SEQUENCE", &name);
        let privileges: &[&str] = &["USAGE", "SELECT", "UPDATE"];
        self.owned.push(Owned { alter: "SEQUENCE", grant: "SEQUENCE", name, privileges });
    }

    fn make_large_object(&mut self, number: u64) {
        let oid = 4_000_000_000 + number * 20_000 + self.rng.below(9);
        let content = match self.rng.below(4) {
            0 => "''".to_owned(),
            1 => format!("decode(repeat(md5('{oid}'), {}), 'hex')", self.rng.between(1, 30_000)),
            2 => "decode(repeat('00', 2048), 'hex')".to_owned(),
            _ => "'\\x5c2e0a'::bytea".to_owned(),
        };
        self.say(&format!("SELECT lo_from_bytea({oid}, {content})"));
        if self.rng.chance(20) {
            self.say(&format!("SELECT lo_put({oid}, 600000, '\\xff')"));
        }
        self.comment("LARGE OBJECT", &oid.to_string());
        let privileges: &[&str] = &["SELECT", "UPDATE"];
        self.owned.push(Owned {
            alter: "LARGE OBJECT",
            grant: "LARGE OBJECT",
            name: oid.to_string(),
            privileges,
        });
    }

    fn make_statistics(&mut self) {
        for table in self.tables.clone() {
            let columns: Vec<_> = table
                .columns_where(|of| of.indexes.btree)
                .into_iter()
                .map(|(name, _)| name)
                .chain(table.id.clone())
                .collect();
            if columns.len() < 2 || !self.rng.chance(20) || table.kind == Kind::Partitioned {
                continue;
            }
            let name = self.new_name("stats").to_string();
            let kinds = self.rng.word(&["", " (ndistinct)", " (dependencies, mcv)", " (mcv)"]);
            let expression = if self.major >= 14 && self.rng.chance(30) {
                table.id.as_ref().map(|id| format!(", ({id} % 7)")).unwrap_or_default()
            } else {
                String::new()
            };
            self.say(&format!(
                "CREATE STATISTICS {name}{kinds} ON {}, {}{expression} FROM {}",
                columns[0], columns[1], table.name
            ));
            if self.major >= 13 && self.rng.chance(30) {
                self.say(&format!("ALTER STATISTICS {name} SET STATISTICS 77"));
            }
            self.comment("STATISTICS", &name);
        }
    }

    fn make_foreign(&mut self) {
        let [wrapper, server] =
            ["wrapper", "server"].map(|name| ident(&self.names.fresh(&mut self.rng, name)));
        let table = self.new_name("foreign").to_string();
        self.say(&format!("CREATE FOREIGN DATA WRAPPER {wrapper} OPTIONS (debug 'it''s', \"Odd\" 'x')"));
        self.say(&format!("CREATE SERVER {server} TYPE 'old' VERSION '1.2' FOREIGN DATA WRAPPER {wrapper} OPTIONS (host 'nowhere')"));
        self.say(&format!("CREATE USER MAPPING FOR random_owner SERVER {server} OPTIONS (\"user\" 'u')"));
        let not_null = self.rng.word(&["", " NOT NULL"]);
        self.say(&format!(
            "CREATE FOREIGN TABLE {table} (a integer OPTIONS (column_name 'A'){not_null} DEFAULT 3, b text CHECK (b <> '')) SERVER {server} OPTIONS (t 'x')"
        ));
        self.comment("SERVER", &server);
        self.comment("FOREIGN DATA WRAPPER", &wrapper);
        self.comment("FOREIGN TABLE", &table);
        for (alter, grant, name) in
            [("SERVER", "FOREIGN SERVER", server), ("FOREIGN DATA WRAPPER", "FOREIGN DATA WRAPPER", wrapper)]
        {
            // Only superusers may own a wrapper.
            if alter == "SERVER" {
                self.owned.push(Owned { alter, grant, name, privileges: &["USAGE"] });
            } else {
                self.say(&format!("GRANT USAGE ON {grant} {name} TO random_reader"));
            }
        }
    }

    fn make_publication(&mut self) {
        let name = ident(&self.names.fresh(&mut self.rng, "publication"));
        let tables: Vec<_> = self.tables.iter().filter(|table| table.kind == Kind::Plain).cloned().collect();
        let Some(table) = tables.first() else { return };
        let mut forms = vec![
            format!("FOR TABLE {} WITH (publish = 'insert, delete')", table.name),
            "FOR ALL TABLES".to_owned(),
            String::new(),
        ];
        if self.major >= 13 {
            forms.push("FOR ALL TABLES WITH (publish_via_partition_root = true)".into());
        }
        if self.major >= 15 {
            let schema = self.rng.pick(&self.schemas).clone();
            forms.push(format!("FOR TABLES IN SCHEMA {}", ident(&schema)));
            if let Some(id) = &table.id {
                forms.push(format!(
                    "FOR TABLE {} ({id}) WHERE ({id} > 5 AND {id} <> 7) WITH (publish = 'insert')",
                    table.name
                ));
            }
        }
        let form = self.rng.pick(&forms).clone();
        self.say(&format!("CREATE PUBLICATION {name} {form}"));
        self.comment("PUBLICATION", &name);
    }

    /// One of the kinds that few databases have.
    fn make_rare(&mut self) {
        let name = self.new_name("rare").to_string();
        match self.rng.below(6) {
            0 => {
                self.say(&format!("CREATE COLLATION {name} (LOCALE = 'C')"));
                self.comment("COLLATION", &name);
            }
            1 => {
                let dictionary = self.new_name("dictionary").to_string();
                self.say(&format!("CREATE TEXT SEARCH DICTIONARY {dictionary} (TEMPLATE = pg_catalog.snowball, language = 'english', stopwords = 'english')"));
                self.say(&format!("CREATE TEXT SEARCH CONFIGURATION {name} (COPY = pg_catalog.simple)"));
                self.say(&format!("ALTER TEXT SEARCH CONFIGURATION {name} ALTER MAPPING FOR asciiword, word WITH {dictionary}, pg_catalog.simple"));
                self.comment("TEXT SEARCH CONFIGURATION", &name);
            }
            2 => {
                let function = self.functions[0].clone();
                let schema =
                    name.split_once("\".\"").map(|(schema, _)| format!("{schema}\"")).unwrap_or_default();
                let operator = format!("{schema}.@@@");
                self.say(&format!("DO $do$ BEGIN CREATE OPERATOR {operator} (RIGHTARG = integer, FUNCTION = {function}); EXCEPTION WHEN duplicate_function THEN NULL; END $do$"));
            }
            3 => {
                self.say(&format!("CREATE TYPE {name} AS (x integer, y integer)"));
                let function = self.new_name("as_text").to_string();
                self.say(&format!("CREATE FUNCTION {function}({name}) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1.x || ''/'' || $1.y'"));
                self.say(&format!(
                    "CREATE CAST ({name} AS text) WITH FUNCTION {function}({name}) AS ASSIGNMENT"
                ));
                self.say(&format!("CREATE CAST (integer AS {name}) WITH INOUT"));
            }
            4 => {
                self.say(&format!("CREATE CONVERSION {name} FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8"));
                self.comment("CONVERSION", &name);
            }
            _ => {
                self.say(&format!("CREATE OPERATOR FAMILY {name} USING btree"));
                self.say(&format!(
                    "CREATE OPERATOR CLASS {name} FOR TYPE integer USING btree FAMILY {name} AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, \
                     OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(integer, integer)"
                ));
                self.say(&format!("COMMENT ON OPERATOR CLASS {name} USING btree IS 'as built in'"));
            }
        }
    }

    fn make_event_trigger(&mut self) {
        let name = ident(&self.names.fresh(&mut self.rng, "watcher"));
        let function = self.new_name("watch").to_string();
        self.say(&format!(
            "CREATE FUNCTION {function}() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN NULL; END'"
        ));
        let on = self.rng.word(&[
            "ddl_command_start",
            "ddl_command_end",
            "sql_drop WHEN TAG IN ('DROP TABLE', 'DROP VIEW')",
        ]);
        self.say(&format!("CREATE EVENT TRIGGER {name} ON {on} EXECUTE FUNCTION {function}()"));
        let state = self.rng.word(&["ENABLE", "DISABLE", "ENABLE REPLICA", "ENABLE ALWAYS"]);
        self.say(&format!("ALTER EVENT TRIGGER {name} {state}"));
    }
}
