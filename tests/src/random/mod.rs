//! Databases out of a number: schemas with objects of every kind, odd names, and rows of every type.
//!
//! The same seed gives the same script. A script is made of plain statements that an empty UTF-8 database of its major version
//! takes from a superuser, and whatever it makes must come back from a restore as it was. What no restore of a `pg_dump` gives
//! back is therefore not in it: invalid indexes, stale materialised views, columns that a parent got after its children.

mod behaviour;
mod builtin;
mod constraints;
mod extras;
mod families;
mod indexes;
mod names;
mod rights;
mod rng;
mod tables;
mod types;
mod views;

use common::name::{QualifiedName, ident, literal};
use names::Names;
use rng::Rng;
use tables::Table;
use types::Type;

/// Maker of scripts.
#[derive(Debug)]
pub struct Random;

impl Random {
    /// The script of a seed, for a server of that major version.
    ///
    /// It makes the roles that it needs when they are not there; they outlive the database.
    pub fn schema(seed: u64, major: u32) -> String {
        let mut script = Script {
            rng: Rng::new(seed),
            major,
            out: format!("-- seed {seed}, PostgreSQL {major}\n"),
            names: Names::default(),
            schemas: Vec::new(),
            types: Vec::new(),
            enums: Vec::new(),
            composites: Vec::new(),
            tables: Vec::new(),
            owned: Vec::new(),
            functions: Vec::new(),
        };
        script.write();
        script.out
    }
}

/// An object that may get another owner and privileges: how it is called in ALTER and GRANT, and by name.
#[derive(Debug)]
struct Owned {
    alter: &'static str,
    grant: &'static str,
    name: String,
    privileges: &'static [&'static str],
}

/// A script that grows.
#[derive(Debug)]
struct Script {
    rng: Rng,
    major: u32,
    out: String,
    names: Names,
    schemas: Vec<String>,
    types: Vec<Type>,
    enums: Vec<(String, Vec<String>)>,
    composites: Vec<(String, Vec<(String, Type)>)>,
    tables: Vec<Table>,
    owned: Vec<Owned>,
    functions: Vec<String>,
}

impl Script {
    fn write(&mut self) {
        self.out +=
            "SET client_encoding = 'UTF8';\nSET client_min_messages = 'warning';\nSET search_path = '';\n";
        self.make_roles();
        self.make_schemas();
        self.make_types();
        self.make_functions();
        self.make_tables();
        self.make_families();
        self.make_foreign_keys();
        self.make_late_constraints();
        self.make_indexes();
        self.make_views();
        self.make_triggers_and_rules();
        self.make_policies();
        self.make_extras();
        self.give_rights();
    }

    fn make_schemas(&mut self) {
        self.schemas.push("public".into());
        for _ in 0..self.rng.between(1, 3) {
            let name = self.names.fresh(&mut self.rng, "app");
            self.say(&format!("CREATE SCHEMA {}", ident(&name)));
            self.comment("SCHEMA", &ident(&name));
            self.owned.push(Owned {
                alter: "SCHEMA",
                grant: "SCHEMA",
                name: ident(&name),
                privileges: &["USAGE", "CREATE"],
            });
            self.schemas.push(name);
        }
    }

    /// Writes a statement.
    fn say(&mut self, statement: &str) {
        self.out += statement;
        self.out += ";\n";
    }

    /// A new name in any schema.
    fn new_name(&mut self, plain: &str) -> QualifiedName {
        let schema = self.rng.pick(&self.schemas).clone();
        QualifiedName::new(schema, self.names.fresh(&mut self.rng, plain))
    }

    /// Comments on some objects.
    fn comment(&mut self, kind: &str, name: &str) {
        const WORDS: &[&str] =
            &["said", "it's \"quoted\"", "two\nlines", "back\\slash \\. \\N", "🐘 ünïcödé", " ", "-- ; $$"];
        if self.rng.chance(20) {
            let words = self.rng.word(WORDS);
            self.say(&format!("COMMENT ON {kind} {name} IS {}", literal(words)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn a_seed_has_one_script_and_every_seed_another() {
        for seed in 0..50 {
            assert_eq!(Random::schema(seed, 15), Random::schema(seed, 15));
            assert_ne!(Random::schema(seed, 15), Random::schema(seed + 1, 15));
        }
    }
}
