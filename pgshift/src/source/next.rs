//! The next migration: a version after all that are there, numbered as they are, in files that hold nothing yet.

use super::conventions::{Asked, Found};
use super::detect::recognise;
use super::directory::Directory;
use super::order;
use super::placeholders::Placeholders;
use crate::cli;
use common::error::{Context as _, Error, Result};
use jiff::Timestamp;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

/// A migration that is about to be made.
#[derive(Debug)]
pub(crate) struct Next {
    pub(crate) convention: &'static str,
    /// As the convention writes it.
    pub(crate) version: String,
    pub(crate) files: Vec<NextFile>,
}

/// One file of it.
#[derive(Debug)]
pub(crate) struct NextFile {
    pub(crate) path: PathBuf,
    /// `up`, `down` or `sum`.
    pub(crate) purpose: &'static str,
    text: String,
    /// It is there already and changes.
    replaces: bool,
}

impl NextFile {
    /// A new file.
    pub(super) fn new(path: PathBuf, purpose: &'static str, text: impl Into<String>) -> Self {
        Self { path, purpose, text: text.into(), replaces: false }
    }

    /// A file that is there and changes.
    pub(super) fn replacing(path: PathBuf, purpose: &'static str, text: String) -> Self {
        Self { path, purpose, text, replaces: true }
    }
}

/// What the next migration of `name` consists of.
pub(crate) fn next(from: &cli::Migrations, name: &str) -> Result<Next> {
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0', '\n']) {
        return Err(Error::usage(format!("{name:?} cannot be part of a file's name")));
    }
    if !from.dir.exists() {
        std::fs::create_dir_all(&from.dir)
            .context(|| format!("cannot make directory {}", from.dir.display()))?;
    }
    let directory = Directory::open(&from.dir)?;
    let placeholders = Placeholders::untouched();
    let convention = recognise(&directory, from.convention.as_deref(), &placeholders)?;
    let found = convention.read(&directory, &placeholders)?;
    let (version, files) = convention.next(&Asked {
        directory: &directory,
        found: &found,
        name: &name.replace(' ', "_"),
        now: Timestamp::now(),
    })?;
    Ok(Next { convention: convention.name(), version, files })
}

impl Next {
    /// Writes the files: all of them, or none.
    pub(crate) fn write(&self) -> Result<()> {
        for (index, file) in self.files.iter().enumerate() {
            if let Err(error) = file.write() {
                for written in self.files.iter().take(index).filter(|file| !file.replaces) {
                    let _ = std::fs::remove_file(&written.path);
                }
                return Err(error);
            }
        }
        Ok(())
    }
}

impl NextFile {
    fn write(&self) -> Result<()> {
        let shown = || format!("cannot write {}", self.path.display());
        if let Some(parent) = self.path.parent() {
            std::fs::create_dir_all(parent).context(shown)?;
        }
        let mut options = OpenOptions::new();
        options.write(true);
        if self.replaces {
            options.truncate(true)
        } else {
            options.create_new(true)
        };
        let mut file = options.open(&self.path).context(shown)?;
        file.write_all(self.text.as_bytes()).context(shown)
    }
}

/// The version after `last`, written as that is: a date, a time, or a number of so many digits. Without one, `first` or,
/// if that is empty, the time.
pub(super) fn version(last: Option<&str>, first: &str, now: Timestamp) -> String {
    let Some(last) = last else {
        return if first.is_empty() { time(now, TIMES[0].1) } else { first.to_owned() };
    };
    let stamp = TIMES
        .iter()
        .find(|(digits, _)| *digits == last.len() && is_date(last))
        .map(|(_, form)| time(now, form));
    let stamp = stamp.or_else(|| match last.len() {
        10 if last.starts_with('1') => Some(now.as_second().to_string()),
        13 if last.starts_with('1') => Some(now.as_millisecond().to_string()),
        _ => None,
    });
    stamp.filter(|stamp| order::numeric(stamp, last).is_gt()).unwrap_or_else(|| after(last))
}

/// Forms of a time, and how many digits they have.
const TIMES: [(usize, &str); 4] =
    [(14, "%Y%m%d%H%M%S"), (12, "%Y%m%d%H%M"), (8, "%Y%m%d"), (17, "%Y%m%d%H%M%S%3f")];

pub(super) fn time(now: Timestamp, form: &str) -> String {
    now.strftime(form).to_string()
}

fn is_date(digits: &str) -> bool {
    let number = |at: std::ops::Range<usize>| digits.get(at).and_then(|text| text.parse::<u32>().ok());
    matches!(number(0..4), Some(1970..=2999))
        && matches!(number(4..6), Some(1..=12))
        && matches!(number(6..8), Some(1..=31))
}

/// The number after one, with as many digits.
fn after(last: &str) -> String {
    let mut digits: Vec<u8> = last.bytes().collect();
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return String::from_utf8_lossy(&digits).into_owned();
        }
        *digit = b'0';
    }
    format!("1{}", String::from_utf8_lossy(&digits))
}

/// The digits that the last migration's file or directory begins with, behind `prefix`.
pub(super) fn last_digits(found: &Found, prefix: &str) -> Option<String> {
    let last =
        found.migrations.iter().rfind(|migration| migration.kind != super::MigrationKind::Repeatable)?;
    let file = last.up.path.file_name()?.to_str()?;
    let directory =
        last.up.path.parent().and_then(|parent| parent.file_name()).and_then(|name| name.to_str());
    let digits = |name: &str| Some(order::digits(name.strip_prefix(prefix)?)?.0.to_owned());
    digits(file).or_else(|| digits(directory?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2024-05-06T07:08:09Z".parse().unwrap()
    }

    #[test]
    fn numbers_keep_their_width() {
        let next = |last| version(Some(last), "", now());
        assert_eq!([next("0009"), next("9"), next("0999"), next("99")], ["0010", "10", "1000", "100"]);
    }

    #[test]
    fn times_go_on_as_times_and_never_backwards() {
        let next = |last| version(Some(last), "", now());
        assert_eq!(next("20240101000000"), "20240506070809");
        assert_eq!(next("20990101000000"), "20990101000001");
        assert_eq!([next("202401010000"), next("20240506")], ["202405060708", "20240507"]);
        assert_eq!([next("1600000000"), next("1600000000000")], ["1714979289", "1714979289000"]);
    }

    #[test]
    fn the_first_is_what_the_convention_begins_with() {
        assert_eq!([version(None, "0001", now()), version(None, "", now())], ["0001", "20240506070809"]);
    }
}
