//! What comes behind the rows: foreign keys, also in circles, checks and exclusions, valid or not.

use super::Script;
use super::tables::{Kind, Table};
use common::name::ident;

impl Script {
    /// Columns that refer to the numbers of other tables, or of their own.
    pub(super) fn make_foreign_keys(&mut self) {
        let targets: Vec<Table> =
            self.tables.iter().filter(|table| table.keyed && table.kind != Kind::Unlogged).cloned().collect();
        let sources: Vec<Table> = self
            .tables
            .iter()
            .filter(|table| table.id.is_some() && matches!(table.kind, Kind::Plain | Kind::Partitioned))
            .cloned()
            .collect();
        if targets.is_empty() || sources.is_empty() {
            return;
        }
        for _ in 0..self.rng.below(5) {
            let (source, target) = (self.rng.pick(&sources).clone(), self.rng.pick(&targets).clone());
            self.make_foreign_key(&source, &target);
        }
        // Each to the other: no order of loading suits both.
        if sources.len() > 1 && targets.contains_table(&sources[0]) && targets.contains_table(&sources[1]) {
            self.make_foreign_key(&sources[0], &sources[1]);
            self.make_foreign_key(&sources[1], &sources[0]);
        }
    }

    fn make_foreign_key(&mut self, source: &Table, target: &Table) {
        let (Some(id), Some(target_id)) = (&source.id, &target.id) else { return };
        let column = ident(&self.names.fresh(&mut self.rng, "ref"));
        let constraint = ident(&self.names.fresh(&mut self.rng, "fk"));
        self.say(&format!("ALTER TABLE {} ADD COLUMN {column} integer", source.name));
        // A partitioned table's foreign keys are always checked.
        let may_be_wrong = source.kind == Kind::Plain && target.kind == Kind::Plain;
        let wrong = may_be_wrong && self.rng.chance(20);
        let value = match (wrong, target.rows) {
            (true, _) => format!("1000000 + {id}"),
            (false, 0) => "NULL".to_owned(),
            (false, rows) => format!("CASE WHEN {id} % 5 = 0 THEN NULL ELSE 1 + ({id} * 7) % {rows} END"),
        };
        self.say(&format!("UPDATE {} SET {column} = {value}", source.name));
        let action = self.rng.word(&[
            "",
            " ON DELETE CASCADE",
            " ON UPDATE CASCADE ON DELETE SET NULL",
            " ON DELETE SET DEFAULT",
            " ON UPDATE RESTRICT",
            " MATCH FULL",
        ]);
        let when = self.rng.word(&["", "", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"]);
        let valid = if wrong { " NOT VALID" } else { "" };
        self.say(&format!(
            "ALTER TABLE {} ADD CONSTRAINT {constraint} FOREIGN KEY ({column}) REFERENCES {} ({target_id}){action}{when}{valid}",
            source.name, target.name
        ));
        self.comment("CONSTRAINT", &format!("{constraint} ON {}", source.name));
    }

    /// Checks and exclusions, some of which the rows violate.
    pub(super) fn make_late_constraints(&mut self) {
        for table in self.tables.clone() {
            let Some(id) = &table.id else { continue };
            if !matches!(table.kind, Kind::Plain | Kind::Unlogged) || !self.rng.chance(50) {
                continue;
            }
            let constraint = ident(&self.names.fresh(&mut self.rng, "rule"));
            let forms = [
                format!("CHECK ({id} BETWEEN 0 AND 100000)"),
                format!("CHECK ({id} < 0 OR {id} IN (7, 8) OR NOT ({id} > 5 AND {id} IS NULL)) NOT VALID"),
                format!("CHECK ({id} < 0) NOT VALID"),
                format!("CHECK ({id}::text ~~ '%' AND ({id}, 1) IS DISTINCT FROM (0, 0)) NO INHERIT"),
                format!("EXCLUDE USING btree ({id} WITH =)"),
                format!(
                    "EXCLUDE USING gist (int4range({id}::integer, {id}::integer, '[]') WITH &&) WHERE ({id} > 3)"
                ),
                format!("UNIQUE ({id}) DEFERRABLE INITIALLY DEFERRED"),
            ];
            let mut form = self.rng.pick(&forms).clone();
            if self.major >= 18 && form.starts_with("CHECK") && self.rng.chance(30) {
                form = format!("CHECK ({id} < 0) NOT ENFORCED");
            }
            self.say(&format!("ALTER TABLE {} ADD CONSTRAINT {constraint} {form}", table.name));
            self.comment("CONSTRAINT", &format!("{constraint} ON {}", table.name));
        }
    }
}

trait Contains {
    fn contains_table(&self, table: &Table) -> bool;
}

impl Contains for Vec<Table> {
    fn contains_table(&self, table: &Table) -> bool {
        self.iter().any(|one| one.name == table.name)
    }
}
