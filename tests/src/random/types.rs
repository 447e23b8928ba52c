//! A column's type: one of the server's or one of the schema's own, or an array of either; and its values as SQL expressions.

use super::Script;
use super::builtin::{BUILTINS, Indexes};
use super::rng::Rng;
use common::name::{ident, literal};

/// A type, and what can stand in a column of it.
#[derive(Clone, Debug)]
pub(super) struct Type {
    /// As it is written.
    pub(super) sql: String,
    /// Expressions.
    pub(super) values: Vec<String>,
    /// An expression over the integer `g`.
    made: Option<String>,
    pub(super) indexes: Indexes,
}

impl Type {
    /// A type of the server of that version.
    fn builtin(rng: &mut Rng, major: u32) -> Self {
        let known: Vec<_> = BUILTINS.iter().filter(|builtin| builtin.since <= major).collect();
        // What most tables are made of is more frequent.
        let builtin = if rng.chance(35) {
            let usual = [
                "integer",
                "bigint",
                "numeric",
                "double precision",
                "text",
                "date",
                "timestamp with time zone",
                "jsonb",
            ];
            let name = rng.word(&usual);
            known.iter().find(|builtin| builtin.name == name).copied().unwrap_or(known[0])
        } else {
            rng.pick(&known)
        };
        let later = builtin.later.iter().filter(|(since, _)| *since <= major).map(|(_, value)| value);
        let values = builtin.values.iter().chain(later);
        // A constant of this type may stand nowhere in a default: roles do not depend on databases.
        let cast = if builtin.name == "regrole" { "::text" } else { "" };
        Self {
            sql: builtin.name.into(),
            values: values.map(|value| format!("{}{cast}::{}", literal(value), builtin.name)).collect(),
            made: builtin.made.map(str::to_owned),
            indexes: builtin.indexes,
        }
    }

    fn own(sql: &str, values: Vec<String>, indexes: Indexes) -> Self {
        Self { sql: sql.to_owned(), values, made: None, indexes }
    }

    /// An array of it.
    fn array(&self, rng: &mut Rng) -> Self {
        let sql = format!("{}[]", self.sql);
        let one = rng.pick(&self.values).clone();
        let other = rng.pick(&self.values).clone();
        let values = vec![
            format!("'{{}}'::{sql}"),
            format!("ARRAY[{one}, NULL, {other}]::{sql}"),
            format!("ARRAY[ARRAY[{one}, {other}], ARRAY[NULL, {one}]]::{sql}"),
            format!("array_fill(({other})::{0}, ARRAY[2, 2], ARRAY[-1, 3])", self.sql),
            format!("ARRAY[NULL]::{sql}"),
        ];
        let indexes = Indexes { btree: self.indexes.btree, gin: self.indexes.btree, ..Indexes::default() };
        Self { sql, values, made: None, indexes }
    }

    /// A value.
    pub(super) fn value(&self, rng: &mut Rng) -> String {
        rng.pick(&self.values).clone()
    }

    /// Values of many rows: an expression over the integer `g`.
    pub(super) fn values_of_many(&self, rng: &mut Rng) -> String {
        if let Some(made) = &self.made
            && rng.chance(70)
        {
            return made.clone();
        }
        let [one, two, three] = [(); 3].map(|()| self.value(rng));
        let modulus = rng.between(4, 9);
        format!("CASE g % {modulus} WHEN 0 THEN {one} WHEN 1 THEN {two} ELSE {three} END")
    }
}

/// Labels of enums.
const LABELS: &[&str] =
    &["new", "in progress", "DONE", "it's", "back\\slash", "ünïcödé", " ", "\\N", "tab\t", "\"", "z", "a"];

impl Script {
    /// Any type that a column may have.
    pub(super) fn any_type(&mut self) -> Type {
        let simple = if !self.types.is_empty() && self.rng.chance(25) {
            self.rng.pick(&self.types).clone()
        } else {
            Type::builtin(&mut self.rng, self.major)
        };
        // What is an array in disguise has no arrays of its own.
        let has_arrays = !simple.sql.ends_with("[]") && !simple.sql.ends_with("vector");
        if has_arrays && self.rng.chance(12) { simple.array(&mut self.rng) } else { simple }
    }

    /// Enums, domains, composites and ranges, each of which later ones may be made of.
    pub(super) fn make_types(&mut self) {
        for _ in 0..self.rng.between(1, 2) {
            self.make_enum();
        }
        for _ in 0..self.rng.between(0, 2) {
            self.make_domain();
        }
        for _ in 0..self.rng.between(0, 2) {
            self.make_composite();
        }
        if self.rng.chance(40) {
            self.make_range();
        }
        if self.rng.chance(20) {
            let name = self.new_name("shell");
            self.say(&format!("CREATE TYPE {name}"));
            self.comment("TYPE", &name.to_string());
        }
    }

    fn make_enum(&mut self) {
        let name = self.new_name("state");
        let most = usize::try_from(self.rng.between(2, 8)).unwrap();
        let labels: Vec<String> = self.rng.some(LABELS, most).into_iter().map(literal).collect();
        self.say(&format!("CREATE TYPE {name} AS ENUM ({})", labels.join(", ")));
        self.comment("TYPE", &name.to_string());
        let values = labels.iter().map(|label| format!("{label}::{name}")).collect();
        let indexes = Indexes { btree: true, hash: true, ..Indexes::default() };
        self.types.push(Type::own(&name.to_string(), values, indexes));
        self.enums.push((name.to_string(), labels));
    }

    fn make_domain(&mut self) {
        let name = self.new_name("amount");
        let (base, rule, values) = *self.rng.pick(&[
            ("integer", "VALUE > 0", &["1", "2147483647"][..]),
            ("text", "VALUE <> 'x' AND length(VALUE) < 100", &["'a'", "''", "'it''s'"]),
            ("numeric(10,2)", "VALUE >= 0 OR VALUE = -1.50", &["0", "1.5", "-1.50"]),
            ("text[]", "array_position(VALUE, NULL) IS NULL", &["'{}'", "'{a,\"b c\"}'"]),
            ("date", "VALUE > '1000-01-01'", &["'2024-02-29'", "'infinity'"]),
        ]);
        let constraint = ident(&self.names.fresh(&mut self.rng, "valid"));
        let default = if self.rng.chance(40) { format!("DEFAULT {} ", values[0]) } else { String::new() };
        let check = if self.rng.chance(80) {
            format!("CONSTRAINT {constraint} CHECK ({rule})")
        } else {
            String::new()
        };
        self.say(&format!("CREATE DOMAIN {name} AS {base} {default}{check}"));
        if !check.is_empty() {
            if self.rng.chance(25) {
                self.say(&format!("ALTER DOMAIN {name} ADD CHECK (VALUE IS NOT NULL OR true) NOT VALID"));
            }
            if self.rng.chance(30) {
                self.say(&format!("COMMENT ON CONSTRAINT {constraint} ON DOMAIN {name} IS 'a rule'"));
            }
        }
        self.comment("DOMAIN", &name.to_string());
        let values = values.iter().map(|value| format!("{value}::{name}")).collect();
        let indexes = Indexes { btree: true, ..Indexes::default() };
        self.types.push(Type::own(&name.to_string(), values, indexes));
    }

    fn make_composite(&mut self) {
        let name = self.new_name("pair");
        let parts = [(); 2].map(|()| (ident(&self.names.fresh(&mut self.rng, "part")), self.any_type()));
        let columns: Vec<_> = parts.iter().map(|(part, of)| format!("{part} {}", of.sql)).collect();
        self.say(&format!("CREATE TYPE {name} AS ({})", columns.join(", ")));
        self.comment("TYPE", &name.to_string());
        if self.rng.chance(40) {
            self.say(&format!("COMMENT ON COLUMN {name}.{} IS 'a part'", parts[0].0));
        }
        let row = |one: String, other: String| format!("ROW({one}, {other})::{name}");
        let mut values = vec![row("NULL".into(), "NULL".into())];
        for _ in 0..3 {
            let [one, other] = [&parts[0].1, &parts[1].1].map(|of| of.value(&mut self.rng));
            values.push(row(one, other));
        }
        let btree = parts.iter().all(|(_, of)| of.indexes.btree);
        self.types.push(Type::own(&name.to_string(), values, Indexes { btree, ..Indexes::default() }));
        self.composites.push((name.to_string(), parts.to_vec()));
    }

    fn make_range(&mut self) {
        let name = self.new_name("span");
        let multi = self.new_name("spans");
        let also = if self.major >= 14 { format!(", multirange_type_name = {multi}") } else { String::new() };
        self.say(&format!("CREATE TYPE {name} AS RANGE (subtype = text, collation = \"C\"{also})"));
        let range = |value: &str| format!("{}::{name}", literal(value));
        let values = vec![range("[a,\"b c\")"), range("empty"), range("(,\"\\\\\"]")];
        let indexes = Indexes { btree: true, gist: true, ..Indexes::default() };
        self.types.push(Type::own(&name.to_string(), values, indexes));
        if self.major >= 14 {
            let values = vec![format!("'{{[a,b),[c,d)}}'::{multi}"), format!("'{{}}'::{multi}")];
            self.types.push(Type::own(
                &multi.to_string(),
                values,
                Indexes { btree: true, ..Indexes::default() },
            ));
        }
    }
}
