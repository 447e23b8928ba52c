//! A long history as a real project has it, made by a generator: 285 migrations in Diesel's layout, in the shares in which
//! the kinds stand in a history of that length of a web application.

use super::{ours, same, succeed};
use std::fmt::Write as _;
use testkit::{Cluster, Database, TempDir, newest_major};

const LENGTH: usize = 285;

/// Kinds of migrations, and how many of all are of each.
const KINDS: [(Kind, usize); 14] = [
    (Kind::Table, 38),
    (Kind::Column, 62),
    (Kind::ColumnWithDefault, 18),
    (Kind::Index, 30),
    (Kind::UniqueIndex, 8),
    (Kind::Concurrently, 8),
    (Kind::Function, 24),
    (Kind::Update, 25),
    (Kind::Comment, 25),
    (Kind::DropColumn, 14),
    (Kind::NotNull, 8),
    (Kind::Reference, 10),
    (Kind::Type, 5),
    (Kind::Rows, 10),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Table,
    Column,
    ColumnWithDefault,
    Index,
    UniqueIndex,
    Concurrently,
    Function,
    Update,
    Comment,
    DropColumn,
    NotNull,
    Reference,
    Type,
    Rows,
}

/// A migration: name, what applies it, what takes it back.
struct Made {
    name: String,
    up: String,
    down: String,
    transaction: bool,
}

/// What was made so far: tables with the columns that later migrations may use up.
struct Maker {
    state: u64,
    tables: Vec<(String, Vec<String>)>,
}

impl Maker {
    /// A number less than `end`; the same on every machine (splitmix64).
    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }

    fn make(&mut self, kind: Kind, n: usize) -> Made {
        let at = self.below(self.tables.len().max(1));
        let table = self.tables.get(at).map(|(table, _)| table.clone()).unwrap_or_default();
        let spare = |maker: &mut Self| maker.tables[at].1.pop();
        let (name, up, down) = match kind {
            Kind::Table => {
                let name = format!("table_{n}");
                let other = if table.is_empty() {
                    String::new()
                } else {
                    format!(",\n    parent_id INTEGER REFERENCES {table}")
                };
                let up = format!(
                    "-- What belongs to {name}; see the wiki\nCREATE TABLE {name} (\n    id SERIAL PRIMARY KEY,\n    title VARCHAR(255) NOT NULL,\n    \
                     note TEXT DEFAULT 'a;b',\n    created_at TIMESTAMP NOT NULL DEFAULT now(){other}\n);\nCREATE INDEX ON {name} (created_at);"
                );
                self.tables.push((name.clone(), vec!["note".to_owned()]));
                (format!("create_{name}"), up, format!("DROP TABLE {name};"))
            }
            Kind::Column => {
                self.tables[at].1.push(format!("extra_{n}"));
                (
                    format!("add extra {n}"),
                    format!("ALTER TABLE {table} ADD COLUMN extra_{n} VARCHAR"),
                    format!("ALTER TABLE {table} DROP COLUMN extra_{n};"),
                )
            }
            Kind::ColumnWithDefault => (
                format!("add_flag_{n}"),
                format!("ALTER TABLE {table}\n  ADD COLUMN flag_{n} BOOLEAN NOT NULL DEFAULT false;"),
                format!("ALTER TABLE {table} DROP COLUMN flag_{n}"),
            ),
            Kind::Index => (
                format!("index_{n}"),
                format!("CREATE INDEX by_{n} ON {table} (lower(title)) WHERE id > {n};"),
                format!("DROP INDEX by_{n};"),
            ),
            Kind::UniqueIndex => (
                format!("unique_{n}"),
                format!("CREATE UNIQUE INDEX unique_{n} ON {table} (id, title);"),
                format!("DROP INDEX unique_{n};"),
            ),
            Kind::Concurrently => (
                format!("concurrently_{n}"),
                format!(
                    "CREATE INDEX CONCURRENTLY slow_{n} ON {table} (title, id);\n-- and now it is there\n"
                ),
                format!("DROP INDEX CONCURRENTLY slow_{n};"),
            ),
            Kind::Function => {
                let body = "BEGIN\n    IF NEW.title = ';' THEN\n        NEW.title := '--';\n    END IF;\n    RETURN NEW;\nEND;";
                let up = format!(
                    "CREATE OR REPLACE FUNCTION touch_{n}() RETURNS trigger AS $body$\n{body}\n$body$ LANGUAGE plpgsql;\n\n\
                     CREATE TRIGGER touch_{n} BEFORE UPDATE ON {table}\nFOR EACH ROW EXECUTE PROCEDURE touch_{n}();\n"
                );
                (
                    format!("touch_{n}"),
                    up,
                    format!("DROP TRIGGER touch_{n} ON {table};\nDROP FUNCTION touch_{n}();"),
                )
            }
            Kind::Update => (
                format!("fill_{n}"),
                format!("UPDATE {table} SET title = 'it''s; {n}' /* not /* yet */ */ WHERE title = '{n}';"),
                "SELECT 1;".to_owned(),
            ),
            Kind::Comment => {
                let mut up = String::new();
                for column in ["title", "created_at"] {
                    let _ = writeln!(up, "COMMENT ON COLUMN {table}.{column} IS $$What it is; since {n}$$;");
                }
                (format!("comment_{n}"), up, "SELECT 1;".to_owned())
            }
            Kind::DropColumn => match spare(self) {
                Some(column) => (
                    format!("drop_{n}"),
                    format!("ALTER TABLE {table} DROP COLUMN {column};"),
                    format!("ALTER TABLE {table} ADD COLUMN {column} TEXT;"),
                ),
                None => return self.make(Kind::ColumnWithDefault, n),
            },
            Kind::NotNull => match spare(self) {
                Some(column) => (
                    format!("not_null_{n}"),
                    format!(
                        "UPDATE {table} SET {column} = '' WHERE {column} IS NULL;\nALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;"
                    ),
                    format!("ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL;"),
                ),
                None => return self.make(Kind::ColumnWithDefault, n),
            },
            Kind::Reference => {
                let other = self.below(self.tables.len());
                let other = self.tables[other].0.clone();
                (
                    format!("reference_{n}"),
                    format!(
                        "ALTER TABLE {table} ADD COLUMN ref_{n} INTEGER;\nALTER TABLE {table} ADD CONSTRAINT fk_{n} FOREIGN KEY (ref_{n}) REFERENCES {other} (id) ON DELETE CASCADE;"
                    ),
                    format!("ALTER TABLE {table} DROP COLUMN ref_{n};"),
                )
            }
            Kind::Type => match spare(self) {
                Some(column) => (
                    format!("type_{n}"),
                    format!("ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar(1000);"),
                    format!("ALTER TABLE {table} ALTER COLUMN {column} TYPE text;"),
                ),
                None => return self.make(Kind::ColumnWithDefault, n),
            },
            Kind::Rows => (
                format!("rows_{n}"),
                format!(
                    "DO $$\nBEGIN\n  INSERT INTO {table} (title, created_at) VALUES ('row {n}', '2024-01-01');\nEND\n$$;"
                ),
                format!("DELETE FROM {table} WHERE title = 'row {n}';"),
            ),
        };
        Made { name, up, down, transaction: kind != Kind::Concurrently }
    }
}

fn history() -> Vec<Made> {
    let mut maker = Maker { state: 4, tables: Vec::new() };
    let mut kinds: Vec<Kind> = KINDS.iter().flat_map(|(kind, count)| vec![*kind; *count]).collect();
    assert_eq!(kinds.len(), LENGTH);
    for place in (6..LENGTH).rev() {
        let other = 6 + maker.below(place - 5);
        kinds.swap(place, other);
    }
    kinds.iter().enumerate().map(|(n, kind)| maker.make(*kind, n)).collect()
}

fn written(history: &[Made]) -> TempDir {
    let place = TempDir::new();
    for (n, made) in history.iter().enumerate() {
        let directory = format!("m/2024{:010}_{}", n + 1, made.name);
        place.write(format!("{directory}/up.sql"), &made.up);
        place.write(format!("{directory}/down.sql"), &made.down);
        if !made.transaction {
            place.write(format!("{directory}/metadata.toml"), "run_in_transaction = false\n");
        }
    }
    place
}

/// What psql makes of it.
fn by_psql(database: &Database, history: &[Made], place: &TempDir) {
    let mut script = String::from("\\set ON_ERROR_STOP on\n");
    for made in history {
        let [begin, commit] = if made.transaction { ["BEGIN;", "COMMIT;"] } else { ["", ""] };
        let _ = write!(script, "{begin}\n{}\n;\n{commit}\n", made.up);
    }
    let mut psql = database.cluster().client("psql", database.name());
    psql.args(["-X", "-q", "-f"]).arg(place.write("all.sql", script));
    succeed(psql);
}

#[test]
fn a_long_history_makes_what_psql_makes() {
    let history = history();
    let place = written(&history);
    let cluster = Cluster::shared(newest_major());
    let (theirs, here) = (cluster.database("theirs"), cluster.database("ours"));
    by_psql(&theirs, &history, &place);
    let applied = ours(&here, &place.join("m"), "apply").arg("--no-gate").run().success();
    assert_eq!(applied.result()["convention"], "diesel");
    assert_eq!(applied.result()["applied"], LENGTH);
    same(&theirs, &here, &[]);
    ours(&here, &place.join("m"), "check").run().success();
}
