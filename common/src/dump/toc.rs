//! An archive of pg_dump's: its table of contents, and its way into a database.

use super::guard;
use super::kind::Kind;
use super::owners;
use super::restorer::Restorer;
use super::script::{Ran, Script};
use super::tar;
use super::{Cluster, REHEARSAL};
use crate::error::{Class, Context as _, Error, Result};
use crate::name::{ident, literal};
use crate::pg::archive::{Contents, Spelling};
use crate::sql::lexer::Dialect;
use crate::sql::split::{Event, Splitter};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// How much of a file is tried first.
const FIRST: u64 = 1 << 20;

/// Names that every cluster has already.
const TAKEN: [&str; 3] = ["postgres", "template0", "template1"];

/// An archive that lies in files.
pub(super) struct Archive {
    path: PathBuf,
    kind: Kind,
    contents: Contents,
    restorer: Restorer,
}

/// What stands at the head of an archive.
pub(super) fn head(kind: Kind, start: &[u8]) -> Result<Contents> {
    let start = if kind == Kind::Tar { start.get(tar::HEAD..).unwrap_or_default() } else { start };
    Contents::read_head(start).map_err(damaged)
}

impl Archive {
    pub(super) fn open(path: &Path, kind: Kind) -> Result<Self> {
        let contents = contents(path, kind).map_err(damaged)?;
        let restorer = Restorer::for_format(contents.format)?;
        Ok(Self { path: path.to_owned(), kind, contents, restorer })
    }

    /// The name that the copy's database gets.
    pub(super) fn database(&self) -> String {
        let entry = self.contents.entries.iter().find(|entry| entry.kind == "DATABASE");
        let name = entry.map_or(&self.contents.database, |entry| &entry.tag);
        if name.is_empty() || TAKEN.contains(&name.as_str()) {
            super::RESTORED.to_owned()
        } else {
            name.clone()
        }
    }

    /// Fails when a statement of the table of contents reaches out of the server.
    pub(super) fn guard(&self) -> Result<()> {
        for entry in &self.contents.entries {
            let standard_strings = self.contents.strings().is_none_or(|set| !set.contains("'off'"));
            let dialect = Dialect { standard_strings, ..Dialect::default() };
            let mut splitter = Splitter::new(entry.definition.as_bytes());
            splitter.set_dialect(dialect);
            while let Ok(Event::Statement(statement)) = splitter.event() {
                guard::check(statement.text, statement.line, dialect)
                    .context(|| format!("entry {} of the archive", entry.describe()))?;
            }
        }
        Ok(())
    }

    /// Restores it into the new database `name`.
    pub(super) fn restore(&self, cluster: &Cluster<'_>, script: &Script<'_>, name: &str) -> Result<Vec<Ran>> {
        let major = cluster.major;
        let mut ran = vec![self.create(script, name, major)?];
        if self.brings_public() {
            ran.push(script.run(&b"DROP SCHEMA public;"[..], name)?);
        }
        if self.restorer.suits(major) && self.rows_are_rows() {
            ran.push(self.rehearse(script, name)?);
            let jobs = (self.kind != Kind::Tar).then_some(cluster.jobs);
            self.restorer.restore(cluster.lead, &self.path, name, jobs)?;
        } else {
            // What pg_restore would send unasked, or unseen, goes through our hands.
            ran.push(self.restorer.script(&self.path, &[], |input| script.run(input, name))?);
        }
        ran.push(self.properties(script, name, major)?);
        Ok(ran)
    }

    /// Makes the schema in a database that goes again: it needs the roles, and shows what the server does not take.
    fn rehearse(&self, script: &Script<'_>, name: &str) -> Result<Ran> {
        let scratch = ident(REHEARSAL);
        let copy = format!("CREATE DATABASE {scratch} TEMPLATE {}", ident(name));
        script.databases.open("template1")?.execute(&copy)?;
        let options = ["--schema-only", "--no-publications", "--no-subscriptions"];
        let ran = self.restorer.script(&self.path, &options, |input| script.run(input, REHEARSAL))?;
        script.run(joined(&owners::statements(&self.contents)).as_bytes(), REHEARSAL)?;
        script.databases.open("template1")?.execute(&format!("DROP DATABASE {scratch}"))?;
        Ok(ran)
    }

    fn create(&self, script: &Script<'_>, name: &str, major: u32) -> Result<Ran> {
        let spelling = Spelling { no_tablespaces: true, ..Spelling::default() };
        let entry = self.contents.entries.iter().find(|entry| entry.kind == "DATABASE" && entry.tag == name);
        let statements = match entry {
            Some(entry) => spelling.statements(entry, major),
            None => vec![create(name, self.encoding().as_deref())],
        };
        script.run(joined(&statements).as_bytes(), "template1")
    }

    /// Settings, privileges and comments of the database itself.
    fn properties(&self, script: &Script<'_>, name: &str, major: u32) -> Result<Ran> {
        let spelling = Spelling { no_tablespaces: true, ..Spelling::default() };
        let known = self.contents.entries.iter().any(|entry| entry.kind == "DATABASE" && entry.tag == name);
        let entries = self.contents.database().filter(|entry| known && entry.kind != "DATABASE");
        let statements: Vec<String> = entries.flat_map(|entry| spelling.statements(entry, major)).collect();
        let set = self.contents.strings().unwrap_or_default();
        script.run(format!("{set}\n{}", joined(&statements)).as_bytes(), name)
    }

    fn encoding(&self) -> Option<String> {
        let entry = self.contents.entries.iter().find(|entry| entry.kind == "ENCODING")?;
        super::about::client_encoding(entry.definition.as_bytes())
    }

    /// `pg_dump --schema=public` makes the schema that every database has.
    fn brings_public(&self) -> bool {
        let makes = |text: &str| text.starts_with("CREATE SCHEMA public");
        self.contents.entries.iter().any(|entry| entry.kind == "SCHEMA" && makes(&entry.definition))
    }

    /// Whether all rows come by COPY: otherwise they are statements that nobody has looked at.
    fn rows_are_rows(&self) -> bool {
        let plain = |copy: &str| {
            let mut splitter = Splitter::new(copy.as_bytes());
            let is_copy = matches!(splitter.event(), Ok(Event::Statement(statement)) if statement.copies_in);
            is_copy && matches!(splitter.event(), Err(_) | Ok(Event::CopyEnd))
        };
        let mut rows = self.contents.entries.iter().filter(|entry| entry.kind == "TABLE DATA");
        rows.all(|entry| entry.copy.as_deref().is_some_and(plain))
    }
}

/// The statement that makes a database of which only the encoding is known.
pub(super) fn create(name: &str, encoding: Option<&str>) -> String {
    let encoding = encoding.filter(|encoding| is_of_servers(encoding)).unwrap_or("UTF8");
    format!(
        "CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE 'C' LC_CTYPE 'C'",
        ident(name),
        literal(encoding)
    )
}

/// Some encodings are for clients only.
fn is_of_servers(encoding: &str) -> bool {
    crate::sql::Encoding::named(encoding) == crate::sql::Encoding::Plain
}

fn joined(statements: &[String]) -> String {
    let ended = |statement: &String| format!("{};", statement.trim_end().trim_end_matches(';'));
    statements.iter().map(ended).collect::<Vec<_>>().join("\n")
}

fn damaged(error: Error) -> Error {
    if error.code() == "damaged" { error.class_is(Class::No) } else { error }
}

/// The table of contents, from wherever the format has it.
fn contents(path: &Path, kind: Kind) -> Result<Contents> {
    let file = if kind == Kind::Directory { path.join("toc.dat") } else { path.to_owned() };
    let cannot = || format!("cannot read {}", file.display());
    let mut opened = File::open(&file).context(cannot)?;
    let mut bytes = Vec::new();
    match kind {
        Kind::Directory | Kind::Plain => {
            opened.read_to_end(&mut bytes).context(cannot)?;
            Contents::read(&bytes)
        }
        Kind::Tar => {
            let length = tar::first_member(&mut opened).context(cannot)?;
            opened.take(length).read_to_end(&mut bytes).context(cannot)?;
            Contents::read(&bytes)
        }
        // It stands at the head, as long as it is.
        Kind::Custom => {
            let size = opened.metadata().context(cannot)?.len();
            let mut wanted = FIRST;
            loop {
                bytes.clear();
                opened.seek(SeekFrom::Start(0)).context(cannot)?;
                opened.by_ref().take(wanted).read_to_end(&mut bytes).context(cannot)?;
                match Contents::read(&bytes) {
                    Err(error) if error.code() == "damaged" && wanted < size => {
                        wanted = wanted.saturating_mul(4);
                    }
                    read => return read,
                }
            }
        }
    }
}
