//! Where the rows of one side of a table come from: statements on a live side, blocks of a snapshot.

use super::live::Live;
use super::sheet::Holding;
use super::side::Side;
use super::stored::Stored;
use crate::diff::stream::Rows;
use common::cli::signals;
use common::error::{Context as _, Error, Result};
use common::format::manifest::{Sequence, Table};
use common::name::{QualifiedName, ident, literal};
use common::pg::session::Session;
use common::proof::read::{Pages, Totals, rows};

/// Bytes after which progress is told, and it is asked whether to stop.
const STRIDE: u64 = 1 << 20;

/// Told of bytes as they are read; may wait, to limit the load.
pub(crate) type Advanced<'a> = dyn Fn(u64) -> Result<()> + Sync + 'a;

/// The encoding in which a side's rows come, so that equal text is equal bytes.
pub(crate) fn encoding(own: &Side, other: &Side) -> String {
    let (mine, others) = (&own.sheet().encoding, &other.sheet().encoding);
    match (own, other) {
        (Side::Stored(_), _) => mine.clone(),
        // Nobody knows what the bytes mean: they are compared as they are.
        (Side::Live(_), _) if mine == "SQL_ASCII" || others == "SQL_ASCII" => mine.clone(),
        (Side::Live(_), Side::Stored(_)) => others.clone(),
        (Side::Live(_), Side::Live(_)) => "UTF8".to_owned(),
    }
}

/// The statement that reads these columns of a live side's table.
pub(crate) fn statement(holding: &Holding, columns: &[&str], pages: Option<Pages>, encoding: &str) -> String {
    let list = columns.iter().map(|name| ident(name)).collect::<Vec<_>>().join(", ");
    let range = pages.map_or(String::new(), |Pages { first, end }| {
        let end = end.map_or(String::new(), |end| format!(" AND ctid < '({end},0)'::pg_catalog.tid"));
        format!(" WHERE ctid >= '({first},0)'::pg_catalog.tid{end}")
    });
    let condition = holding.table.condition.as_deref().unwrap_or_default();
    format!(
        "COPY (SELECT {list} FROM ONLY {}{range} {condition}) TO STDOUT WITH (ENCODING {})",
        holding.table.qualified(),
        literal(encoding)
    )
}

/// Adds up what a statement gives. `generated` says after how many fields the generated columns begin.
pub(crate) fn add_up(
    session: &mut Session,
    sql: &str,
    generated: Option<usize>,
    advanced: &Advanced<'_>,
) -> Result<Totals> {
    let mut stride = Stride { pending: 0, advanced };
    let totals = rows(session, sql, generated, |row, _| stride.pass(row.len()))?;
    stride.end()?;
    Ok(totals)
}

/// Rows of a live side.
pub(crate) struct LiveRows<'a> {
    /// The side.
    pub(crate) live: &'a Live,
    /// A session that sees its moment, kept from table to table.
    pub(crate) session: &'a mut Option<Session>,
    /// What reads the rows.
    pub(crate) statements: Vec<String>,
    /// Told of bytes.
    pub(crate) advanced: &'a Advanced<'a>,
}

impl Rows for LiveRows<'_> {
    fn each(&mut self, row: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => self.live.join()?,
        };
        for sql in &self.statements {
            let mut stride = Stride { pending: 0, advanced: self.advanced };
            let mut copy = session.copy_out(sql)?;
            while let Some(line) = copy.next_row()? {
                stride.pass(line.len())?;
                row(line.strip_suffix(b"\n").unwrap_or(line))?;
            }
            stride.end()?;
        }
        // After an error its transaction is over: then there is no session to be kept.
        *self.session = Some(session);
        Ok(())
    }
}

/// Rows of a snapshot.
pub(crate) struct StoredRows<'a> {
    stored: &'a Stored,
    /// Tables, and where in their rows the columns are; `None` takes rows as they are.
    tables: Vec<(&'a Table, Option<Vec<usize>>)>,
    advanced: &'a Advanced<'a>,
}

impl<'a> StoredRows<'a> {
    pub(crate) fn new(
        stored: &'a Stored,
        parts: &[&'a Holding],
        columns: &[&str],
        advanced: &'a Advanced<'a>,
    ) -> Result<Self> {
        let mut tables = Vec::with_capacity(parts.len());
        for part in parts {
            let names: Vec<&str> = part.table.columns.iter().map(|column| column.name.as_str()).collect();
            if names == columns {
                tables.push((&part.table, None));
                continue;
            }
            let place = |column: &&str| {
                names.iter().position(|name| name == column).ok_or_else(|| {
                    Error::failed(
                        "internal",
                        format!("{} has no column {}", part.table.qualified(), ident(column)),
                    )
                })
            };
            let places = columns.iter().map(place).collect::<Result<_>>()?;
            tables.push((&part.table, Some(places)));
        }
        Ok(Self { stored, tables, advanced })
    }
}

impl Rows for StoredRows<'_> {
    fn each(&mut self, row: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut picked = Vec::new();
        for (table, places) in &self.tables {
            let owner = format!("table {}", table.qualified());
            let mut stride = Stride { pending: 0, advanced: self.advanced };
            for block in table.blocks() {
                let bytes = self.stored.store.block(block, &owner)?;
                for line in bytes.split_inclusive(|&byte| byte == b'\n') {
                    stride.pass(line.len())?;
                    let line = line.strip_suffix(b"\n").unwrap_or(line);
                    match places {
                        None => row(line)?,
                        Some(places) => {
                            pick(line, places, &mut picked);
                            row(&picked)?;
                        }
                    }
                }
            }
            stride.end()?;
        }
        Ok(())
    }
}

/// The fields of `line` at `places`.
fn pick(line: &[u8], places: &[usize], into: &mut Vec<u8>) {
    into.clear();
    let fields: Vec<&[u8]> = line.split(|&byte| byte == b'\t').collect();
    for (number, &place) in places.iter().enumerate() {
        if number > 0 {
            into.push(b'\t');
        }
        into.extend_from_slice(fields.get(place).copied().unwrap_or_default());
    }
}

struct Stride<'a> {
    pending: u64,
    advanced: &'a Advanced<'a>,
}

impl Stride<'_> {
    fn pass(&mut self, bytes: usize) -> Result<()> {
        self.pending += bytes as u64;
        if self.pending < STRIDE {
            return Ok(());
        }
        if signals::stop_requested() {
            return Err(common::pg::wire::stopped());
        }
        (self.advanced)(std::mem::take(&mut self.pending))
    }

    fn end(&mut self) -> Result<()> {
        (self.advanced)(std::mem::take(&mut self.pending))
    }
}

/// The state of the sequences of a side that both sides have.
pub(crate) fn sequence_states(
    side: &Side,
    names: &[QualifiedName],
) -> Result<std::collections::BTreeMap<QualifiedName, Sequence>> {
    match side {
        Side::Live(live) => live.sequences(names).context(|| "cannot read the sequences".to_owned()),
        Side::Stored(stored) => {
            let known = stored.sheet.sequences.iter().filter(|(name, _)| names.contains(name));
            Ok(known.filter_map(|(name, state)| Some((name.clone(), state.clone()?))).collect())
        }
    }
}
