//! The table of contents of a custom-format archive, as `pg_dump` writes and `pg_restore` reads it.
//!
//! Only the contents: rows never come from here, nor go. What a statement means is the server's business;
//! an entry carries it as text, with the entries that must be there before.
//! Source: `src/bin/pg_dump/pg_backup_archiver.c` (`ReadHead`, `ReadToc`), formats 1.14 (PostgreSQL 12) to 1.16 (17, 18).

mod older;
mod stages;
mod statements;
mod write;

pub use stages::Stage;
pub use statements::Spelling;
pub use write::ContentsWriter;

use super::text;
use crate::error::{Error, Result};
use crate::name::ident;

/// Where an entry stands: before the rows, the rows, after the rows, or wherever what it speaks of stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Section {
    /// With the object that it speaks of (comments, privileges).
    #[default]
    Any,
    /// Before the rows.
    BeforeData,
    /// The rows themselves.
    Data,
    /// After the rows.
    AfterData,
}

/// One object of the schema.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Its number in this archive.
    pub id: i32,
    /// The catalog that it lives in, such as 1259 for `pg_class`.
    pub catalog: u32,
    /// Its OID in that catalog.
    pub oid: u32,
    /// Its name, for people; of functions with arguments.
    pub tag: String,
    /// Its kind, such as `TABLE` or `FK CONSTRAINT`.
    pub kind: String,
    /// Where it stands.
    pub section: Section,
    /// The statements that make it.
    pub definition: String,
    /// The statement that drops it.
    pub drop: String,
    /// Of rows: the COPY that takes them. Without it they are statements themselves.
    pub copy: Option<String>,
    /// Its schema, when it lives in one.
    pub namespace: Option<String>,
    /// Its tablespace; empty for the database's own.
    pub tablespace: Option<String>,
    /// Its table access method.
    pub access_method: Option<String>,
    /// Its `relkind`, of tables, since format 1.16.
    pub relation_kind: Option<char>,
    /// Its owner.
    pub owner: String,
    /// The numbers of the entries that it needs.
    pub needs: Vec<i32>,
}

impl Entry {
    /// How messages name it.
    pub fn describe(&self) -> String {
        let (kind, tag) = (self.kind.to_lowercase(), ident(&self.tag));
        match &self.namespace {
            Some(schema) if !schema.is_empty() => format!("{kind} {}.{tag}", ident(schema)),
            _ => format!("{kind} {tag}"),
        }
    }
}

/// The table of contents.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The minor number of the archive's format: 14 since PostgreSQL 12, 15 since 16, 16 since 17.
    pub format: u8,
    /// The database that was dumped.
    pub database: String,
    /// The version of the program that wrote it.
    pub pg_dump: String,
    /// The version of the server that was dumped.
    pub server: String,
    /// When it was written. It says so in local time; nobody knows whose, and it is taken for this machine's.
    pub created: Option<jiff::Timestamp>,
    /// All entries, in an order in which they can be made.
    pub entries: Vec<Entry>,
}

impl Contents {
    /// Reads an archive that is wholly in memory.
    pub fn read(archive: &[u8]) -> Result<Self> {
        let mut reader = Reader { rest: archive, integer: 4, offset: 8, format: 0 };
        reader.contents().ok_or_else(unreadable)?
    }

    /// Reads only what stands before the entries; the beginning of an archive is enough.
    pub fn read_head(archive: &[u8]) -> Result<Self> {
        let mut reader = Reader { rest: archive, integer: 4, offset: 8, format: 0 };
        reader.head().ok_or_else(unreadable)?
    }

    /// The statement that tells how backslashes in the definitions' strings are meant: it holds for every session
    /// that makes an entry.
    pub fn strings(&self) -> Option<&str> {
        self.entries.iter().find(|entry| entry.kind == "STDSTRINGS").map(|entry| entry.definition.as_str())
    }
}

fn unreadable() -> Error {
    Error::failed("damaged", "what pg_dump wrote is not an archive that this release can read")
        .hint("a pg_dump of version 12 to 18 writes one that it can")
}

/// The moment that C's `struct tm` tells: seconds first, the month counted from 0, the year from 1900.
fn moment([second, minute, hour, day, month, year, _]: [i64; 7]) -> Option<jiff::Timestamp> {
    let part = |value: i64| i8::try_from(value).ok();
    let year = i16::try_from(year.checked_add(1900)?).ok()?;
    let local = jiff::civil::DateTime::new(
        year,
        part(month)?.checked_add(1)?,
        part(day)?,
        part(hour)?,
        part(minute)?,
        part(second)?,
        0,
    );
    Some(local.ok()?.to_zoned(jiff::tz::TimeZone::system()).ok()?.timestamp())
}

struct Reader<'a> {
    rest: &'a [u8],
    integer: usize,
    offset: usize,
    format: u8,
}

impl<'a> Reader<'a> {
    fn contents(&mut self) -> Option<Result<Contents>> {
        let mut contents = match self.head()? {
            Ok(contents) => contents,
            Err(error) => return Some(Err(error)),
        };
        let count = usize::try_from(self.int()?).ok()?;
        contents.entries.reserve(count.min(1 << 20));
        for _ in 0..count {
            contents.entries.push(self.entry(contents.format, self.format)?);
        }
        Some(Ok(contents))
    }

    fn head(&mut self) -> Option<Result<Contents>> {
        if self.take(5)? != b"PGDMP" {
            return None;
        }
        let [major, minor, _revision] = [self.byte()?, self.byte()?, self.byte()?];
        self.integer = usize::from(self.byte()?);
        self.offset = usize::from(self.byte()?);
        self.format = self.byte()?;
        if major != 1 || !(14..=16).contains(&minor) {
            return Some(Err(Error::failed(
                "archive",
                format!("pg_dump's archive format {major}.{minor} is not known"),
            )
            .hint("use a pg_dump of version 12 to 18")));
        }
        if minor >= 15 {
            self.byte()?;
        } else {
            self.int()?;
        }
        let mut parts = [0; 7];
        for part in &mut parts {
            *part = self.int()?;
        }
        let database = self.string()?.unwrap_or_default();
        let server = self.string()?.unwrap_or_default();
        let pg_dump = self.string()?.unwrap_or_default();
        Some(Ok(Contents {
            format: minor,
            database,
            pg_dump,
            server,
            created: moment(parts),
            entries: Vec::new(),
        }))
    }

    fn entry(&mut self, minor: u8, format: u8) -> Option<Entry> {
        let mut entry = Entry { id: i32::try_from(self.int()?).ok()?, ..Entry::default() };
        let _has_data = self.int()?;
        entry.catalog = self.string()??.parse().ok()?;
        entry.oid = self.string()??.parse().ok()?;
        entry.tag = self.string()?.unwrap_or_default();
        entry.kind = self.string()?.unwrap_or_default();
        entry.section = match self.int()? {
            2 => Section::BeforeData,
            3 => Section::Data,
            4 => Section::AfterData,
            _ => Section::Any,
        };
        entry.definition = self.string()?.unwrap_or_default();
        entry.drop = self.string()?.unwrap_or_default();
        entry.copy = self.string()?;
        entry.namespace = self.string()?;
        entry.tablespace = self.string()?;
        entry.access_method = self.string()?;
        if minor >= 16 {
            entry.relation_kind =
                char::from_u32(u32::try_from(self.int()?).ok()?).filter(|kind| *kind != '\0');
        }
        entry.owner = self.string()?.unwrap_or_default();
        let _with_oids = self.string()?;
        while let Some(need) = self.string()? {
            entry.needs.push(need.parse().ok()?);
        }
        // Custom format: where the data lies. Directory and tar: the name of its file.
        if format == 1 {
            self.take(1 + self.offset)?;
        } else {
            self.string()?;
        }
        Some(entry)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.rest.split_at_checked(count)?;
        self.rest = tail;
        Some(head)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).and_then(|bytes| bytes.first().copied())
    }

    fn int(&mut self) -> Option<i64> {
        let negative = self.byte()? != 0;
        let digits = self.take(self.integer)?;
        let value = digits.iter().rev().fold(0_i64, |value, &digit| value << 8 | i64::from(digit));
        Some(if negative { -value } else { value })
    }

    /// The outer `None` is the end of the archive, the inner one a NULL.
    #[expect(clippy::option_option, reason = "a torn archive and a NULL are different things")]
    fn string(&mut self) -> Option<Option<String>> {
        let Ok(length) = usize::try_from(self.int()?) else { return Some(None) };
        Some(Some(text::decode(self.take(length)?)))
    }
}
