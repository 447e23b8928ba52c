//! The proof of a squashed migration: on a private server the project's history and the squashed one make the same schema, from
//! nothing and from each state in which a database can be between the migrations that are replaced.
//!
//! Django's own migrate runs them. Each state is a copy of one database that goes through the old files one by one.

use super::names;
use crate::commands::squash::schemas;
use crate::django::{Helper, Key, Order, Said, Squashed, Tried};
use crate::records::{ShiftResult, TrialRecord};
use common::cli::Session;
use common::error::{Error, Result};
use common::inventory::Inventory;
use common::name::{QualifiedName, ident};
use common::pg::session::Session as Connection;
use common::records::Warning;
use common::sandbox::Sandbox;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// The old files alone, to the end.
const BEFORE: &str = "one_by_one";
/// The old files, as far as they are in their turn.
const STATES: &str = "states";
/// What the new file makes of a state.
const AFTER: &str = "squashed";

pub(super) struct Trial<'a> {
    session: &'a Session<ShiftResult>,
    helper: &'a mut Helper,
    sandbox: &'a Sandbox,
    squashed: &'a Squashed,
    server: Connection,
}

/// What has to come out.
struct Expected {
    schema: Inventory,
    recorded: BTreeSet<String>,
    rows: BTreeMap<String, u64>,
}

impl<'a> Trial<'a> {
    pub(super) fn new(
        session: &'a Session<ShiftResult>,
        helper: &'a mut Helper,
        sandbox: &'a Sandbox,
        squashed: &'a Squashed,
    ) -> Result<Self> {
        let server = schemas::connect(sandbox, "postgres")?;
        Ok(Self { session, helper, sandbox, squashed, server })
    }

    pub(super) fn run(mut self) -> Result<()> {
        let mut expected = self.expected("template0")?;
        self.create(STATES, "template0")?;
        self.state(None, &expected)?;
        for key in &self.squashed.states {
            self.old(STATES, Some(key))?;
            if !self.squashed.replaces.contains(key) {
                // Inside of what was squashed before: that need not have made the same, the order of columns for one.
                self.server.execute(&format!("DROP DATABASE {}", ident(BEFORE)))?;
                expected = self.expected(STATES)?;
            }
            self.state(Some(key), &expected)?;
        }
        Ok(())
    }

    /// What the old files make of a state, to the end.
    fn expected(&mut self, from: &str) -> Result<Expected> {
        self.create(BEFORE, from)?;
        let before = self.old(BEFORE, None)?;
        Ok(Expected {
            schema: self.schema(BEFORE)?.1,
            recorded: before.recorded.into_iter().chain([self.squashed.version()]).collect(),
            rows: rows(&mut schemas::connect(self.sandbox, BEFORE)?)?,
        })
    }

    /// With the new file, from this state to the end.
    fn state(&mut self, key: Option<&Key>, expected: &Expected) -> Result<()> {
        let begun = Instant::now();
        let from = key.map_or("nothing".to_owned(), |(app, name)| format!("{app}.{name}"));
        self.create(AFTER, STATES)?;
        let order = Order::Trial { name: AFTER, to: None, squashed: true };
        let tried = self.tried(&order).map_err(|error| {
            let what =
                format!("with {} the project's migrations fail, from {from} on", self.squashed.version());
            error.context(what).code_is("squash_fails").hint(HINT)
        })?;
        let mut causes = self.differences(&expected.schema)?;
        let recorded: BTreeSet<String> = tried.recorded.into_iter().collect();
        let records = recorded.symmetric_difference(&expected.recorded);
        causes.extend(records.map(|version| format!("django_migrations: {version}")));
        if !causes.is_empty() {
            let what = format!(
                "{} would not make the same as what it replaces, from {from} on",
                self.squashed.version()
            );
            let error = Error::failed("squash_differs", what);
            return Err(causes.into_iter().fold(error, Error::cause).hint(HINT));
        }
        if key.is_none() {
            self.compare_rows(&expected.rows)?;
        }
        self.server.execute(&format!("DROP DATABASE {}", ident(AFTER)))?;
        self.session.emit(&TrialRecord {
            version: self.squashed.version(),
            from,
            migrations: tried.ran.len() as u64,
            squashed: tried.ran.contains(&self.squashed.version()),
            seconds: begun.elapsed().as_secs_f64(),
        });
        Ok(())
    }

    /// The old files alone.
    fn old(&mut self, name: &str, to: Option<&Key>) -> Result<Tried> {
        let order = Order::Trial { name, to, squashed: false };
        self.tried(&order).map_err(|error| {
            error
                .context("the project's own migrations fail on an empty database")
                .code_is("squash_fails")
                .hint("mend them, or --no-check writes the file untried")
        })
    }

    fn tried(&mut self, order: &Order<'_>) -> Result<Tried> {
        match self.helper.ask(order)? {
            Said::Tried(tried) => Ok(tried),
            other => {
                Err(Error::failed("helper", format!("the helper does not say what it tried: {other:?}")))
            }
        }
    }

    /// What the new file has made of it otherwise. A name that was made up is worth a word only.
    fn differences(&self, expected: &Inventory) -> Result<Vec<String>> {
        let (judge, mut found) = self.schema(AFTER)?;
        let renamed = names::align(expected, &mut found);
        if let Some((old, new)) = renamed.first() {
            let message = format!(
                "{} names that are made up are others on a new database, such as {new} for {old}",
                renamed.len()
            );
            self.session.warn(&Warning::new("other_names", message).object(&self.squashed.version()));
        }
        schemas::differences(expected, (judge, found))
    }

    /// What is there; without the names that PostgreSQL 18 gives to "not null", which stay when a column is renamed.
    fn schema(&self, name: &str) -> Result<(Connection, Inventory)> {
        let (session, mut inventory) = schemas::read(self.sandbox, name)?;
        inventory.objects.retain(|object| {
            let mut properties = object.properties.iter();
            let not_null =
                matches!(properties.next(), Some(("definition", text)) if text.starts_with("NOT NULL "));
            !(&*object.kind == "constraint" && not_null && properties.next().is_none())
        });
        Ok((session, inventory))
    }

    fn create(&mut self, name: &str, like: &str) -> Result<()> {
        self.server.execute(&format!("CREATE DATABASE {} TEMPLATE {}", ident(name), ident(like))).map(drop)
    }

    /// What migrations fill in is no part of the schema, but worth a word.
    fn compare_rows(&self, expected: &BTreeMap<String, u64>) -> Result<()> {
        let found = rows(&mut schemas::connect(self.sandbox, AFTER)?)?;
        for (table, count) in expected {
            let now = found.get(table).copied().unwrap_or_default();
            if now != *count {
                let message =
                    format!("{now} rows come into {table} on a new database, not {count} as before");
                self.session.warn(&Warning::new("rows_differ", message).object(table));
            }
        }
        Ok(())
    }
}

const HINT: &str = "--no-optimize takes all operations as they are; or put fewer together, or take `elidable` from what is needed";

/// How many rows the tables have, Django's own record aside.
fn rows(session: &mut Connection) -> Result<BTreeMap<String, u64>> {
    let tables = session.query(
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relname <> 'django_migrations'",
    )?;
    let mut counts = BTreeMap::new();
    for table in &tables {
        let name = QualifiedName::new(table.text(0), table.text(1)).to_string();
        let count = session.query_one(&format!("SELECT pg_catalog.count(*) FROM {name}"))?.number(0)?;
        counts.insert(name, count);
    }
    Ok(counts)
}
