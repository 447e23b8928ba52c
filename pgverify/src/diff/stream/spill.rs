//! Rows that have no room in memory, on disk: a file without a name, gone with its value or with the process.
//!
//! Parts are by the place of the row (the hash of its key), so all rows of one key are in one part.

use super::matcher::{Held, Row};
use common::error::{Error, Result};
use std::fs::File;
use std::os::unix::fs::{FileExt, OpenOptionsExt};

/// Parts: each is matched by itself, so memory holds 1/256 of what was spilled.
pub(super) const PARTS: u64 = 256;

/// A part's pieces: where each lies, and its length.
type Pieces = Vec<(u64, usize)>;

pub(super) struct Spill {
    file: File,
    end: u64,
    parts: Vec<Pieces>,
}

impl Spill {
    pub(super) fn new() -> Result<Self> {
        let name = format!("pgverify-{}-{}", std::process::id(), common::random_hex::<8>()?);
        let path = std::env::temp_dir().join(name);
        let what = |error: &std::io::Error| {
            Error::io(format!("cannot make a temporary file in {}", std::env::temp_dir().display()), error)
        };
        let mut options = File::options();
        options.read(true).write(true).create_new(true).mode(0o600);
        let file = options.open(&path).map_err(|error| what(&error))?;
        std::fs::remove_file(&path).map_err(|error| what(&error))?;
        Ok(Self { file, end: 0, parts: vec![Pieces::new(); usize::try_from(PARTS).unwrap_or_default()] })
    }

    /// Takes all of `rows`.
    pub(super) fn take(&mut self, rows: impl Iterator<Item = Row>) -> Result<()> {
        let mut parts = vec![Vec::new(); self.parts.len()];
        for Row { hash, held } in rows {
            let index = usize::try_from((held.place >> 32) % PARTS).unwrap_or_default();
            let Some(part) = parts.get_mut(index) else { continue };
            part.extend_from_slice(&hash.to_le_bytes());
            part.extend_from_slice(&held.place.to_le_bytes());
            part.extend_from_slice(&held.a.to_le_bytes());
            part.extend_from_slice(&held.b.to_le_bytes());
            part.extend_from_slice(&(held.line.len() as u64).to_le_bytes());
            part.extend_from_slice(&held.line);
        }
        for (bytes, pieces) in parts.iter().zip(&mut self.parts).filter(|(bytes, _)| !bytes.is_empty()) {
            self.file
                .write_all_at(bytes, self.end)
                .map_err(|error| Error::io("cannot write to a temporary file", &error))?;
            pieces.push((self.end, bytes.len()));
            self.end += bytes.len() as u64;
        }
        Ok(())
    }

    /// How many bytes the part `index` has.
    pub(super) fn bytes(&self, index: usize) -> u64 {
        self.parts.get(index).into_iter().flatten().map(|(_, length)| *length as u64).sum()
    }

    /// Hands out the rows of the part `index`.
    pub(super) fn each(&self, index: usize, mut row: impl FnMut(Row)) -> Result<()> {
        for &(start, length) in self.parts.get(index).into_iter().flatten() {
            let mut bytes = vec![0; length];
            self.file
                .read_exact_at(&mut bytes, start)
                .map_err(|error| Error::io("cannot read from a temporary file", &error))?;
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                let (next, tail) =
                    parse(rest).ok_or_else(|| Error::failed("internal", "a temporary file is torn"))?;
                row(next);
                rest = tail;
            }
        }
        Ok(())
    }
}

fn parse(bytes: &[u8]) -> Option<(Row, &[u8])> {
    let (hash, bytes) = bytes.split_first_chunk()?;
    let (place, bytes) = bytes.split_first_chunk()?;
    let (a, bytes) = bytes.split_first_chunk()?;
    let (b, bytes) = bytes.split_first_chunk()?;
    let (length, bytes) = bytes.split_first_chunk()?;
    let (line, bytes) = bytes.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let held = Held {
        place: u64::from_le_bytes(*place),
        a: u64::from_le_bytes(*a),
        b: u64::from_le_bytes(*b),
        line: line.into(),
    };
    Some((Row { hash: u128::from_le_bytes(*hash), held }, bytes))
}
