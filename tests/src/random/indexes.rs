//! Indexes of every access method, on columns and expressions, partial, covering, unique; and what tables do with them.

use super::Script;
use super::tables::{Kind, Table};
use common::name::{QualifiedName, ident};

impl Script {
    pub(super) fn make_indexes(&mut self) {
        for table in self.tables.clone() {
            if table.columns.is_empty() {
                continue;
            }
            for _ in 0..self.rng.below(4) {
                self.make_index(&table);
            }
            if table.keyed && table.kind == Kind::Plain && self.rng.chance(20) {
                self.say(&format!("ALTER TABLE {} REPLICA IDENTITY FULL", table.name));
            }
        }
    }

    fn make_index(&mut self, table: &Table) {
        let name = self.names.fresh(&mut self.rng, "index");
        let (column, of) = self.rng.pick(&table.columns).clone();
        let Some(what) = self.what(table, &column, of.indexes.text) else { return };
        let concerning = self.rng.chance(25) && table.id.is_some();
        let id = table.id.clone().unwrap_or_default();
        let only = if concerning { format!(" WHERE {id} > 10 AND ({id} % 3) <> 0") } else { String::new() };
        self.say(&format!("CREATE INDEX {} ON {} {what}{only}", ident(&name), table.name));
        let qualified = QualifiedName::new(&table.name.schema, &name).to_string();
        self.comment("INDEX", &qualified);
        if what.contains("lower(") && self.rng.chance(60) {
            self.say(&format!("ALTER INDEX {qualified} ALTER COLUMN 1 SET STATISTICS 50"));
        }
        let plain_btree = what.starts_with("USING btree") && only.is_empty();
        if plain_btree && table.kind == Kind::Plain && self.rng.chance(15) {
            self.say(&format!("ALTER TABLE {} CLUSTER ON {}", table.name, ident(&name)));
        }
        if let Some(id) = &table.id
            && self.rng.chance(15)
        {
            self.make_unique_index(table, id);
        }
    }

    /// How, and on what.
    fn what(&mut self, table: &Table, column: &str, text: bool) -> Option<String> {
        let (_, of) = table.columns.iter().find(|(name, _)| name == column)?;
        let can = of.indexes;
        let is_array = of.sql.ends_with("[]");
        let covers = match &table.id {
            Some(id) if self.rng.chance(25) => format!(" INCLUDE ({id})"),
            _ => String::new(),
        };
        let mut forms = Vec::new();
        if can.btree {
            let order = self.rng.word(&["", " DESC", " ASC NULLS FIRST", " DESC NULLS LAST"]);
            forms.push(format!("USING btree ({column}{order}){covers}"));
        }
        if can.hash {
            forms.push(format!("USING hash ({column})"));
        }
        if can.gist {
            forms.push(format!("USING gist ({column})"));
        }
        if can.gin {
            forms.push(format!("USING gin ({column})"));
        }
        if of.sql == "jsonb" {
            forms.push(format!("USING gin ({column} jsonb_path_ops) WITH (fastupdate = off)"));
            forms.push(format!("USING btree (({column} -> 'a'), ({column} #>> '{{b,0}}'))"));
        }
        if can.brin {
            forms.push(format!("USING brin ({column}) WITH (pages_per_range = 16)"));
        }
        if text && !is_array {
            forms
                .push(format!("USING btree (lower({column}::text), {column} COLLATE pg_catalog.\"C\" DESC)"));
            if of.sql == "text" {
                forms.push(format!("USING btree ({column} text_pattern_ops) WITH (fillfactor = 60)"));
                forms.push(format!("USING spgist ({column})"));
                forms.push(format!("USING gin (to_tsvector('pg_catalog.simple', {column}))"));
            }
        }
        if let (Some(id), Some(function)) = (&table.id, self.functions.first()) {
            forms.push(format!("USING btree ({function}({id}::integer))"));
        }
        if forms.is_empty() { None } else { Some(self.rng.pick(&forms).clone()) }
    }

    fn make_unique_index(&mut self, table: &Table, id: &str) {
        if table.kind == Kind::Partitioned {
            return;
        }
        let name = ident(&self.names.fresh(&mut self.rng, "unique"));
        let nulls = if self.major >= 15 && self.rng.chance(40) { " NULLS NOT DISTINCT" } else { "" };
        let forms = [
            format!("({id}){nulls}"),
            format!("({id} DESC, ({id} + 1)){nulls}"),
            format!("({id}){nulls} WHERE {id} > 0"),
        ];
        let form = self.rng.pick(&forms).clone();
        self.say(&format!("CREATE UNIQUE INDEX {name} ON {} {form}", table.name));
        if form == format!("({id})") && self.rng.chance(50) {
            self.say(&format!("ALTER TABLE {} REPLICA IDENTITY USING INDEX {name}", table.name));
        }
    }
}
