//! `atlas.sum`: one hash over each file and all before it, and one over all these.
//!
//! ```text
//! h1:<base64 of SHA-256>
//! 1_name.sql h1:<base64 of SHA-256>
//! ```

use crate::source::directory::{Directory, File};
use crate::source::text::{self, Line};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::error::{Error, Result};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// What it is called.
pub(super) const NAME: &str = "atlas.sum";

/// Each file's name and hash, in order.
pub(super) type Sums = Vec<(String, String)>;

/// The hashes of the files of `directory`.
pub(super) fn of(directory: &Directory) -> Result<Sums> {
    let files = directory.sql().map(|file| Ok((file.name.as_str(), file.bytes()?)));
    Ok(of_all(files.collect::<Result<Vec<_>>>()?))
}

/// The same, with a file of this name that is empty.
pub(super) fn with(directory: &Directory, name: &str) -> Result<Sums> {
    let files = directory.sql().map(|file| Ok((file.name.as_str(), file.bytes()?)));
    let mut files = files.collect::<Result<Vec<_>>>()?;
    files.push((name, b""));
    files.sort_unstable_by_key(|(name, _)| *name);
    Ok(of_all(files))
}

fn of_all(files: Vec<(&str, &[u8])>) -> Sums {
    let mut all = Sha256::new();
    let mut sums = Vec::new();
    for (name, bytes) in files {
        all.update(name);
        let first = text::lines(bytes).next();
        let ignored =
            first.as_ref().and_then(Line::comment).is_some_and(|said| said.starts_with("atlas:sum ignore"));
        if ignored {
            continue;
        }
        all.update(bytes);
        sums.push((name.to_owned(), STANDARD.encode(all.clone().finalize())));
    }
    sums
}

/// What the file holds for these.
pub(super) fn whole(sums: &Sums) -> String {
    let mut all = Sha256::new();
    let mut lines = String::new();
    for (name, hash) in sums {
        all.update(name);
        all.update(hash);
        let _ = writeln!(lines, "{name} h1:{hash}");
    }
    format!("h1:{}\n{lines}", STANDARD.encode(all.finalize()))
}

/// Refuses files that `sum` does not vouch for, and names the first of them.
pub(super) fn prove(directory: &Directory, sum: &File) -> Result<()> {
    let found = of(directory)?;
    let told = String::from_utf8_lossy(sum.text()?).replace("\r\n", "\n");
    if told.trim_end() == whole(&found).trim_end() {
        return Ok(());
    }
    let message =
        format!("{} does not vouch for the files in {}", sum.path.display(), directory.path.display());
    let mut error = Error::failed("checksum", message);
    let lines: Vec<&str> = told.lines().skip(1).collect();
    let first = found
        .iter()
        .zip(lines.iter().map(Some).chain(std::iter::repeat(None)))
        .find(|((name, hash), line)| line.is_none_or(|line| *line != format!("{name} h1:{hash}")));
    match first {
        Some(((name, _), _)) => {
            error = error
                .cause(format!("{name} is the first that was changed, added or came after one that is gone"));
        }
        None => error = error.cause("it names files that are gone, or was changed itself"),
    }
    Err(error.hint("if the change is meant: atlas migrate hash"))
}
