//! `--sync-sql`: the statements that would make side B equal to side A, for a person to review and run.
//!
//! One transaction. Rows come in before those that refer to them and go after them; of tables that nothing refers to they
//! go first, so that what is unique is free again. Each change hits only the row that was compared, as it was then, or
//! the script fails. The file is there whole or not at all, and only its owner may read it.

mod order;
mod spool;
mod statements;

use crate::diff::{Kind, RowDifference, Shape};
use common::error::{Context as _, Error, Result};
use common::format::manifest::Sequence;
use common::name::{QualifiedName, literal};
use common::pg::session::Session;
use common::pg::text;
use order::{Order, References};
use spool::{Section, Spool};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the script has to know of a table of side B.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Its generated columns: they come by themselves.
    pub(crate) generated: Vec<String>,
    /// Whether it is partitioned, and compared as a whole.
    pub(crate) whole: bool,
    /// Whether it is a materialised view.
    pub(crate) view: bool,
}

/// A script in the making.
pub(crate) struct Script {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    facts: BTreeMap<QualifiedName, Facts>,
    spool: Option<Spool>,
    views: Vec<QualifiedName>,
    sequences: Vec<Sequence>,
    remarks: Vec<String>,
    rows: u64,
}

impl Script {
    /// A script that will be in the file `path`.
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), state: Mutex::default() }
    }

    /// What is to be known of a table.
    pub(crate) fn know(&self, table: &QualifiedName, facts: Facts) {
        self.state().facts.insert(table.clone(), facts);
    }

    /// A row differs.
    pub(crate) fn row(&self, shape: &Shape, row: &RowDifference) -> Result<()> {
        let mut state = self.state();
        let facts = state.facts.get(&shape.table).cloned().unwrap_or_default();
        if facts.view {
            if !state.views.contains(&shape.table) {
                state.views.push(shape.table.clone());
            }
            return Ok(());
        }
        let (section, statement) = match row.kind {
            Kind::Missing => (Section::Insert, statements::insert(shape, &facts, row)),
            Kind::Extra => (Section::Delete, statements::delete(shape, &facts, row)),
            Kind::Changed => (Section::Update, statements::update(shape, &facts, row)),
        };
        state.rows += row.rows();
        let mut spool = state.spool.take().map_or_else(Spool::new, Ok)?;
        let put = spool.put(&shape.table, section, &text::encode(&statement));
        state.spool = Some(spool);
        put
    }

    /// A sequence of side B has to be set to the state of side A's.
    pub(crate) fn sequence(&self, state: &Sequence) {
        self.state().sequences.push(state.clone());
    }

    /// Something differs that the script does not mend.
    pub(crate) fn remark(&self, what: &str) {
        self.state().remarks.push(what.to_owned());
    }

    /// Writes the file. `b` is a session on side B.
    pub(crate) fn write(&self, b: &mut Session, about: &str) -> Result<u64> {
        let sql_ascii = b.is_sql_ascii();
        let references = References::read(b)?;
        let mut state = self.state();
        let spool = state.spool.take();
        let what = || format!("cannot write {}", self.path.display());
        let directory = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let name = format!(
            ".{}.{}",
            self.path.file_name().unwrap_or_default().to_string_lossy(),
            common::random_hex::<8>()?
        );
        let temporary = directory.unwrap_or_else(|| Path::new(".")).join(name);
        let mut options = File::options();
        let file = options.write(true).create_new(true).mode(0o600).open(&temporary).context(what)?;
        let guard = Unfinished(&temporary);
        let mut out = BufWriter::new(file);
        state.print(&mut out, about, spool.as_ref(), &references, sql_ascii).context(what)?;
        let file = out.into_inner().map_err(|error| Error::io(what(), error.error()))?;
        file.sync_all().context(what)?;
        std::fs::rename(&temporary, &self.path).context(what)?;
        std::mem::forget(guard);
        Ok(state.rows)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes a file that was not finished.
struct Unfinished<'a>(&'a Path);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        // It may not be there any longer; then there is nothing to be done.
        let _ = std::fs::remove_file(self.0);
    }
}

impl State {
    fn print(
        &self,
        out: &mut impl Write,
        about: &str,
        spool: Option<&Spool>,
        references: &References,
        sql_ascii: bool,
    ) -> std::io::Result<()> {
        let encoding = if sql_ascii { "SQL_ASCII" } else { "UTF8" };
        for line in about.lines() {
            writeln!(out, "-- {line}")?;
        }
        writeln!(out, "{HEAD}")?;
        for remark in &self.remarks {
            writeln!(out, "-- Not in here: {}", one_line(remark))?;
        }
        let settings: Vec<_> = statements::SETTINGS
            .iter()
            .copied()
            .chain([("client_encoding", encoding)])
            .map(|(name, value)| format!("SET LOCAL {name} = {};", literal(value)))
            .collect();
        writeln!(out, "\nBEGIN;\n{}\n{}", settings.join("\n"), statements::EXPECT)?;
        let tables = spool.map(Spool::tables).unwrap_or_default();
        let order = Order::of(&tables, references);
        for remark in &order.remarks {
            writeln!(out, "-- {}", one_line(remark))?;
        }
        if !order.circles.is_empty() {
            writeln!(
                out,
                "-- These lead in a circle; their checks wait until the end, as long as this transaction lasts."
            )?;
        }
        for (table, constraint) in &order.circles {
            say(
                out,
                &format!("ALTER TABLE {table} ALTER CONSTRAINT {constraint} DEFERRABLE INITIALLY DEFERRED;"),
            )?;
        }
        writeln!(out, "SET CONSTRAINTS ALL DEFERRED;")?;
        if let Some(spool) = spool {
            let steps = [
                (Section::Delete, order.free_to_delete()),
                (Section::Insert, order.parents_first()),
                (Section::Update, order.parents_first()),
                (Section::Delete, order.bound_to_delete()),
            ];
            for (section, tables) in steps {
                for table in tables {
                    spool.copy(table, section, out)?;
                }
            }
        }
        if !order.circles.is_empty() {
            writeln!(out, "SET CONSTRAINTS ALL IMMEDIATE;")?;
        }
        for (table, constraint) in &order.circles {
            say(out, &format!("ALTER TABLE {table} ALTER CONSTRAINT {constraint} NOT DEFERRABLE;"))?;
        }
        for view in &self.views {
            say(out, &format!("REFRESH MATERIALIZED VIEW {view};"))?;
        }
        for sequence in &self.sequences {
            let name = QualifiedName::new(&sequence.schema, &sequence.name).to_string();
            let called = sequence.is_called;
            let value = &sequence.last_value;
            say(out, &format!("SELECT pg_catalog.setval({}, {value}, {called});", literal(&name)))?;
        }
        writeln!(out, "\nCOMMIT;")?;
        out.flush()
    }
}

/// Writes a statement in the bytes that the database has.
fn say(out: &mut impl Write, statement: &str) -> std::io::Result<()> {
    out.write_all(&text::encode(statement))?;
    out.write_all(b"\n")
}

/// A name with a newline in it must not end a comment.
fn one_line(text: &str) -> String {
    common::records::human::plain(text)
}

const HEAD: &str = "-- Read it before you run it on side B; nothing was run so far:
--   psql -X -q -o /dev/null -v ON_ERROR_STOP=1 -f FILE
-- Every statement hits only rows as they were compared, or the whole transaction fails.
-- Triggers of the tables fire; a superuser keeps them still with SET LOCAL session_replication_role = replica.";
