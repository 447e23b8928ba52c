//! A snapshot's content in the formats of others: pg_dump's directory, a script for psql, CSV.
//!
//! All or nothing: what is not whole has another name, and goes. Only reads the store; needs no server.

mod csv;
mod names;
mod objects;
mod pg_dump;
mod sql;
mod staged;

pub(crate) use csv::csv;
pub(crate) use pg_dump::pg_dump;
pub(crate) use sql::sql;

use crate::commands::Report;
use crate::records::{self, SnapResult};
use common::cli::{Session, signals};
use common::error::{Context as _, Error, Result};
use common::format::frame::Compression;
use common::format::manifest::{Manifest, Segment, Table};
use common::name::literal;
use common::pg::archive::{Contents, Spelling};
use common::pg::wire::stopped;
use common::pipeline::observer::{Fact, Observer as _};
use common::pipeline::replay::{Choice, Part};
use common::proof::read::copy_in;
use common::store::Store;
use std::io::Write;
use std::time::Instant;

/// What is exported, and how.
pub(crate) struct Export<'a> {
    pub(crate) session: &'a Session<SnapResult>,
    pub(crate) report: &'a Report<'a>,
    pub(crate) store: &'a Store,
    pub(crate) manifest: &'a Manifest,
    pub(crate) contents: &'a Contents,
    pub(crate) choice: &'a Choice,
    pub(crate) spelling: Spelling,
    pub(crate) jobs: usize,
    pub(crate) compression: Compression,
}

impl Export<'_> {
    /// What of the snapshot was chosen; what is not in it is told.
    fn part(&self, phase: &'static str) -> Part<'_> {
        let part = self.choice.part(self.contents, self.manifest);
        let bytes = part.tables.iter().map(|table| table.fingerprint.bytes).sum();
        self.report.note(Fact::Planned { phase, bytes });
        for table in self.manifest.tables.iter().filter(|table| self.choice.wants_rows(self.contents, table))
        {
            if let Some(reason) = &table.left_out {
                self.report
                    .note(Fact::Skipped { object: table.qualified().to_string(), reason: reason.clone() });
            }
        }
        part
    }

    /// Hands over the rows of a segment, block by block.
    fn blocks(
        &self,
        segment: &Segment,
        owner: &str,
        mut each: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let mut bytes = 0;
        for block in &segment.blocks {
            if signals::stop_requested() {
                return Err(stopped());
            }
            let rows = self.store.block(block, owner)?;
            each(&rows)?;
            bytes += rows.len() as u64;
            self.report.note(Fact::Advanced(rows.len() as u64));
        }
        if bytes == segment.fingerprint.bytes {
            return Ok(());
        }
        let what = format!("the blocks of {owner} hold {bytes} bytes, not {}", segment.fingerprint.bytes);
        Err(Error::failed("damaged", what)
            .hint("the snapshot's manifest is not as it was written: use another snapshot"))
    }

    /// Writes the rows of `table` as COPY text, and the line that ends them.
    fn copy_text(&self, table: &Table, out: &mut impl Write) -> Result<()> {
        let owner = format!("table {}", table.qualified());
        let cannot = || format!("cannot write the rows of {owner}");
        for segment in &table.segments {
            self.blocks(segment, &owner, |rows| out.write_all(rows).context(cannot))?;
        }
        out.write_all(b"\\.\n\n\n").context(cannot)
    }

    /// The statement before those rows. Where the rows are in another encoding than the schema, it says so.
    fn copy_statement(&self, table: &Table) -> String {
        let encoding = &self.manifest.source.encoding;
        let statement = copy_in(table, encoding, "");
        let statement = match statement.strip_suffix(&format!(" WITH (ENCODING {})", literal(encoding))) {
            Some(bare) if *encoding == self.manifest.schema.encoding => bare,
            _ => &statement,
        };
        format!("{};\n", statement.replacen(" FROM STDIN", " FROM stdin", 1))
    }

    fn tell(&self, table: &Table, file: Option<String>, begun: Instant) {
        {
            let mut result = self.session.result();
            *result.tables.get_or_insert_default() += 1;
            *result.rows.get_or_insert_default() += table.fingerprint.rows;
            *result.bytes.get_or_insert_default() += table.fingerprint.bytes;
        }
        self.session.emit(&records::Table {
            schema: table.schema.clone(),
            table: table.name.clone(),
            rows: table.fingerprint.rows,
            bytes: table.fingerprint.bytes,
            blocks: table.blocks().count() as u64,
            blocks_shared: None,
            stored_bytes: None,
            file,
            seconds: Some(begun.elapsed().as_secs_f64()),
        });
    }
}
