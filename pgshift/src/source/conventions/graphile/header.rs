//! The head of a committed migration: `--! Previous:`, `--! Hash:`, perhaps more, an empty line.

use crate::source::directory::File;
use crate::source::text;
use common::error::{Error, Result};
use sha1::{Digest as _, Sha1};
use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

/// What it says.
#[derive(Debug)]
pub(crate) struct Header {
    /// The hash of the migration before, with `sha1:` in front.
    pub(crate) previous: Option<String>,
    /// Its own.
    pub(crate) hash: String,
    /// The hash is not to be checked.
    unchecked: bool,
    /// Where in the file's text the body is.
    pub(super) body: Range<usize>,
    pub(super) no_transaction: bool,
}

impl Header {
    /// Reads that of the file at `path`.
    pub(crate) fn at(path: &Path) -> Result<Self> {
        Self::of(&File::at(path.to_owned()))
    }

    /// Reads it.
    pub(super) fn of(file: &File) -> Result<Self> {
        let all = file.text()?;
        let wrong = |what: &str| {
            let message = format!("{} is no committed migration: {what}", file.path.display());
            Error::failed("directive", message)
        };
        let (mut previous, mut hash, mut unchecked) = (None, None, false);
        let mut start = all.len();
        for line in text::lines(all) {
            let Some(said) = line.comment().and_then(|comment| comment.strip_prefix('!')).map(str::trim)
            else {
                // The empty line behind the head belongs to neither.
                start = if line.text.is_empty() { line.at.end } else { line.at.start };
                break;
            };
            match said.split_once(':').map_or((said, ""), |(key, value)| (key, value.trim())) {
                ("Previous", value) => previous = Some(value.to_owned()),
                ("Hash", value) => hash = Some(value.to_owned()),
                ("AllowInvalidHash", _) => unchecked = true,
                _ => {}
            }
        }
        let previous = previous.ok_or_else(|| wrong("it has no --! Previous:"))?;
        let body = start..all.len();
        let first = text::lines(all.get(body.clone()).unwrap_or_default()).next();
        let said = first.and_then(|line| line.comment()).and_then(|comment| comment.strip_prefix('!'));
        Ok(Self {
            previous: Some(previous).filter(|hash| !hash.is_empty() && hash != "-"),
            hash: hash.ok_or_else(|| wrong("it has no --! Hash:"))?,
            unchecked,
            body,
            no_transaction: said.is_some_and(|said| said.trim_start().starts_with("no-transaction")),
        })
    }

    /// Refuses a body that is not the one that was committed.
    pub(super) fn prove(&self, file: &File) -> Result<()> {
        let body = file.text()?.get(self.body.clone()).unwrap_or_default();
        let found = self.hash_of(body);
        if self.unchecked || found == self.hash {
            return Ok(());
        }
        let message = format!("{} was changed after it was committed", file.path.display());
        let error = Error::failed("checksum", message)
            .cause(format!("its hash is {found}, its head says {}", self.hash));
        Err(error.hint("bring it back as it was committed, or say --! AllowInvalidHash in its head"))
    }

    /// The hash of `body` behind the migration before: over both with the white space around them cut off.
    fn hash_of(&self, body: &[u8]) -> String {
        let mut all = self.previous.clone().unwrap_or_default();
        all.push('\n');
        all.push_str(&String::from_utf8_lossy(body));
        let digest = Sha1::digest(format!("{}\n", all.trim()));
        digest.iter().fold("sha1:".to_owned(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_over_the_predecessor_and_the_body_without_space_around_them() {
        let header = |previous: Option<&str>| Header {
            previous: previous.map(str::to_owned),
            hash: String::new(),
            unchecked: false,
            body: 0..0,
            no_transaction: false,
        };
        // printf 'select 1;\n' | sha1sum; printf 'sha1:x\nselect 1;\n' | sha1sum
        assert_eq!(header(None).hash_of(b"\nselect 1;\n\n"), "sha1:005c6eb7364156e6b0d158d8b2767a24f1ce6611");
        assert_ne!(header(None).hash_of(b"select 1;"), header(Some("sha1:x")).hash_of(b"select 1;"));
    }
}
