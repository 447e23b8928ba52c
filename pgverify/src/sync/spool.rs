//! Statements that wait for their place in the script: in a file without a name, gone with its value.

use common::error::{Context as _, Error, Result};
use common::name::QualifiedName;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::{FileExt, OpenOptionsExt};

/// How much waits in memory before it goes to the file.
const BUFFER: usize = 8 << 20;

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    Insert,
    Update,
    Delete,
}

/// The pieces of one table's section: where they lie in the file, and what is not there yet.
#[derive(Default)]
struct Pieces {
    written: Vec<(u64, usize)>,
    waiting: Vec<u8>,
}

pub(super) struct Spool {
    file: File,
    end: u64,
    waiting: usize,
    pieces: BTreeMap<(QualifiedName, Section), Pieces>,
}

impl Spool {
    pub(super) fn new() -> Result<Self> {
        let directory = std::env::temp_dir();
        let path = directory.join(format!("pgverify-{}-{}", std::process::id(), common::random_hex::<8>()?));
        let what = || format!("cannot make a temporary file in {}", directory.display());
        let mut options = File::options();
        let file = options.read(true).write(true).create_new(true).mode(0o600).open(&path).context(what)?;
        std::fs::remove_file(&path).context(what)?;
        Ok(Self { file, end: 0, waiting: 0, pieces: BTreeMap::new() })
    }

    pub(super) fn put(&mut self, table: &QualifiedName, section: Section, statement: &[u8]) -> Result<()> {
        let pieces = self.pieces.entry((table.clone(), section)).or_default();
        pieces.waiting.extend_from_slice(statement);
        self.waiting += statement.len();
        if self.waiting > BUFFER {
            for pieces in self.pieces.values_mut().filter(|pieces| !pieces.waiting.is_empty()) {
                let bytes = std::mem::take(&mut pieces.waiting);
                self.file
                    .write_all_at(&bytes, self.end)
                    .map_err(|error| Error::io("cannot write to a temporary file", &error))?;
                pieces.written.push((self.end, bytes.len()));
                self.end += bytes.len() as u64;
            }
            self.waiting = 0;
        }
        Ok(())
    }

    /// The tables that it has statements for.
    pub(super) fn tables(&self) -> Vec<QualifiedName> {
        let mut tables: Vec<_> = self.pieces.keys().map(|(table, _)| table.clone()).collect();
        tables.dedup();
        tables
    }

    /// Writes the statements of one table's section to `out`.
    pub(super) fn copy(
        &self,
        table: &QualifiedName,
        section: Section,
        out: &mut impl Write,
    ) -> std::io::Result<()> {
        let Some(pieces) = self.pieces.get(&(table.clone(), section)) else { return Ok(()) };
        for &(start, length) in &pieces.written {
            let mut bytes = vec![0; length];
            self.file.read_exact_at(&mut bytes, start)?;
            out.write_all(&bytes)?;
        }
        out.write_all(&pieces.waiting)
    }
}
