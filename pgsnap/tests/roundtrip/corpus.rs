//! Every test schema there and back: the copy is the same by `pg_dump`, by the proof and by a snapshot of itself.

use crate::compare::{same, same_content, seen};
use crate::inventory::held_against;
use crate::store::{Store, proved, valid};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use testkit::{Cluster, Database, is_long, majors, newest_major};

/// A file of `tests/schemas`, and what its first lines say.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    pub(crate) name: String,
    path: PathBuf,
    text: String,
}

impl Schema {
    /// All of them, in order.
    pub(crate) fn all() -> Vec<Self> {
        let directory = root().join("tests/schemas");
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "sql"));
        paths.sort();
        paths.into_iter().map(Self::read).collect()
    }

    pub(crate) fn named(name: &str) -> Self {
        Self::read(root().join(format!("tests/schemas/{name}.sql")))
    }

    fn read(path: PathBuf) -> Self {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        Self { name, path, text }
    }

    /// What the line `-- key: …` says.
    pub(crate) fn header(&self, key: &str) -> Option<&str> {
        let mut lines = self.text.lines().take_while(|line| line.starts_with("--"));
        lines.find_map(|line| line.strip_prefix("-- ")?.strip_prefix(key)?.strip_prefix(':')).map(str::trim)
    }

    pub(crate) fn is_slow(&self) -> bool {
        self.text.lines().any(|line| line == "-- slow")
    }

    /// The words of a header before the explanation in parentheses.
    pub(crate) fn list(&self, key: &str) -> Vec<&str> {
        let list = self.header(key).unwrap_or_default();
        list.split('(').next().unwrap_or_default().split([' ', ',']).filter(|word| !word.is_empty()).collect()
    }

    /// Why it can't be made on this cluster, if it can't.
    pub(crate) fn unfit_for(&self, cluster: &Arc<Cluster>) -> Option<String> {
        let min: u32 =
            self.header("min").unwrap_or_else(|| panic!("{} has no -- min:", self.name)).parse().unwrap();
        if cluster.major() < min {
            return Some(format!("needs {min}"));
        }
        if let Some(directory) = self.header("extension-files") {
            install(&root().join(directory), cluster);
        }
        let postgres = cluster.existing("postgres");
        let available: BTreeSet<String> =
            postgres.rows("SELECT name FROM pg_available_extensions").into_iter().flatten().collect();
        let built = postgres.scalar("SELECT setting FROM pg_config WHERE name = 'CONFIGURE'");
        let has_icu =
            built.contains("--with-icu") || (cluster.major() >= 16 && !built.contains("--without-icu"));
        for (feature, is_there) in [("xml", built.contains("--with-libxml")), ("icu", has_icu)] {
            if !is_there && self.text.contains(feature) {
                return Some(format!("the server was built without {feature}"));
            }
        }
        let missing: Vec<_> =
            self.list("contrib").into_iter().filter(|name| !available.contains(*name)).collect();
        (!missing.is_empty()).then(|| format!("the server lacks the extensions {}", missing.join(", ")))
    }

    /// A database with its content.
    pub(crate) fn make(&self, cluster: &Arc<Cluster>) -> Database {
        let encoding = self.header("encoding").unwrap_or("UTF8");
        let clauses = format!("TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'");
        let database = cluster.database_with(&self.name, &clauses);
        database.load(&self.path);
        database
    }

    fn there_and_back(&self, cluster: &Arc<Cluster>) {
        let original = self.make(cluster);
        let store = Store::new();
        let first = store.take(&original);
        if self.is_beyond_restoring() {
            let copy = cluster.existing("beyond restoring");
            let outcome = valid(store.restore(&first, &copy).arg("--create").run()).exit(3);
            assert_eq!(outcome.records_of("error").len(), 1, "{outcome}");
            return;
        }

        let again = store.take(&original);
        // pg_dump writes the time into its archive, so that one block is new.
        assert!(again.number("blocks_new") <= 1, "{}", again.outcome);
        assert_eq!(first.manifest.tables, again.manifest.tables);

        let copy = cluster.existing(&format!("{} copy", original.name()));
        let restored = proved(store.restore(&first, &copy).arg("--create").run());
        let stale = restored
            .records_of("warning")
            .into_iter()
            .filter(|warning| warning["code"] == "matview_refreshed");
        let stale: BTreeSet<String> = stale
            .filter_map(|warning| Some(warning["object"].as_str()?.rsplit('"').nth(1)?.to_owned()))
            .collect();
        assert_eq!(held_against(&store, &first, &copy), Vec::<String>::new(), "{}", self.name);
        let second = store.take(&copy);
        let reordered = self.list("reorders");
        same_content(&first.manifest, &second.manifest, &reordered, &stale);
        let in_any_order = self.header("moves").is_some();
        if reordered.is_empty() {
            same(&self.name, &seen(&original), &seen(&copy), in_any_order);
        } else {
            // What pg_dump writes of it is not the whole truth; from the second copy on it must be the same.
            let third = store.copy(&second, &copy);
            same(&self.name, &seen(&copy), &seen(&third), in_any_order);
        }
    }

    /// Whether no tool that takes the schema from pg_dump can restore it.
    pub(crate) fn is_beyond_restoring(&self) -> bool {
        // pg_dump's way with 52 only breaks psql: pgsnap pins what the rows mean.
        self.header("broken").is_some() && self.name != "52_array_nulls"
    }
}

/// The directory of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Gives a server the files of an extension, if it is one of those that `scripts/get-postgres` brought.
fn install(files: &Path, cluster: &Arc<Cluster>) {
    let share = cluster.existing("postgres").scalar("SELECT setting FROM pg_config WHERE name = 'SHAREDIR'");
    let place = Path::new(&share).join("extension");
    if !share.contains("/pgrunbook/postgres/") {
        drop(writeln!(
            std::io::stderr(),
            "{} is left alone: it belongs to this machine's server",
            place.display()
        ));
        return;
    }
    for file in std::fs::read_dir(files).unwrap() {
        let file = file.unwrap();
        // Another test program may read it at this moment: it must be whole.
        let new = place.join(format!(".{}.{}", file.file_name().to_string_lossy(), std::process::id()));
        if std::fs::copy(file.path(), &new)
            .and_then(|_| std::fs::rename(&new, place.join(file.file_name())))
            .is_err()
        {
            drop(writeln!(std::io::stderr(), "{} cannot be written to", place.display()));
            return;
        }
    }
}

/// Takes the schemas of a group there and back, on all majors in a long run; every one that fails is told.
fn there_and_back(belongs: impl Fn(u32) -> bool) {
    let mut failed = Vec::new();
    // From an old server into a new one all of them go in every run, see `inventory`.
    let tried = if is_long() { majors() } else { vec![newest_major()] };
    for major in tried {
        let cluster = Cluster::shared(major);
        let of_group = |schema: &Schema| {
            belongs(schema.name.get(..2).and_then(|number| number.parse().ok()).unwrap_or(99))
        };
        for schema in Schema::all().into_iter().filter(|schema| of_group(schema) && !schema.is_slow()) {
            if let Some(why) = schema.unfit_for(&cluster) {
                drop(writeln!(std::io::stderr(), "SKIPPED on {major}: {}: {why}", schema.name));
                continue;
            }
            let went = std::thread::scope(|scope| scope.spawn(|| schema.there_and_back(&cluster)).join());
            if went.is_err() {
                failed.push(format!("{} on {major}", schema.name));
            }
        }
    }
    assert!(failed.is_empty(), "failed (see above): {failed:?}");
}

#[test]
fn values_of_every_type_come_back() {
    there_and_back(|number| number < 10);
}

#[test]
fn tables_of_every_kind_come_back() {
    there_and_back(|number| (10..30).contains(&number));
}

#[test]
fn objects_of_every_kind_come_back() {
    there_and_back(|number| (30..50).contains(&number));
}

#[test]
fn everything_else_comes_back() {
    there_and_back(|number| number >= 50);
}
