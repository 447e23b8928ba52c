//! Somebody's dump: what it is, and its strict restore into a private cluster.
//!
//! psql is never run: its commands in a dump could run programs here. pg_restore runs none. Knows nothing of what becomes of
//! what was restored.

mod about;
mod guard;
mod input;
mod kind;
mod meta;
mod owners;
mod pardon;
mod place;
mod restorer;
mod script;
mod spool;
mod tar;
mod toc;

pub use about::About;
pub use place::{Databases, Place};
pub use script::Ran;

use crate::error::{Error, Result};
use crate::pg::target::Target;
use crate::pipeline::observer::{Fact, Observer};
use crate::sandbox::Sandbox;
use input::Input;
use kind::Kind;
use pardon::Pardon;
use script::Script;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The database that a dump goes into that does not name one.
pub const RESTORED: &str = "restored";

/// A database that is there for a moment only.
const REHEARSAL: &str = "pgverify rehearsal";

/// A file, or a directory, that was looked at.
pub struct Dump {
    /// What it tells of where it comes from.
    pub about: About,
    /// Its bytes as it lies there, 0 when it comes through a pipe.
    pub bytes: u64,
    file: PathBuf,
    kind: Kind,
    /// Absent of a directory.
    input: Option<Input>,
}

/// The private cluster that a dump goes into.
pub struct Cluster<'a> {
    /// The way to it.
    pub target: &'a Target,
    /// Leads a program to it.
    pub lead: &'a dyn Fn(&mut Command),
    /// Its major version.
    pub major: u32,
    /// A directory beside its files, on a disk with room.
    pub home: &'a Path,
    /// Run also what reaches out of the server.
    pub trust: bool,
    /// Connections that write at the same time.
    pub jobs: u16,
}

impl Dump {
    /// What the file is, and what it says of its source.
    pub fn look(path: &Path) -> Result<Self> {
        let file = path.to_owned();
        if path.is_dir() {
            let kind = kind::of_directory(path)?;
            let toc = Input::open(&path.join("toc.dat"))?;
            let about = About::archive(&toc::head(kind, &toc.head)?);
            return Ok(Self { about, bytes: spool::bytes_in(path), file, kind, input: None });
        }
        let input = Input::open(path)?;
        let kind = kind::of_file(path, &input)?;
        let about = match kind {
            Kind::Plain => About::plain(&input.head),
            _ => About::archive(&toc::head(kind, &input.head)?),
        };
        Ok(Self { about, bytes: input.bytes, file, kind, input: Some(input) })
    }

    /// Which of pg_dump's formats it has.
    pub fn format(&self) -> &'static str {
        match self.kind {
            Kind::Custom => "custom",
            Kind::Directory => "directory",
            Kind::Tar => "tar",
            Kind::Plain => "plain",
        }
    }

    /// Starts a cluster like the one that it comes from; says in the second value when it is of another version.
    pub fn start(&self, place: &Place<'_>) -> Result<(Sandbox, Option<String>)> {
        place::start(place, &self.about, self.bytes)
    }

    /// Restores it into `cluster`; what was done.
    pub fn restore(self, cluster: &Cluster<'_>, observer: &dyn Observer) -> Result<Vec<Ran>> {
        let databases = Databases::of(cluster.target);
        let advanced = |bytes| observer.note(Fact::Advanced(bytes));
        let script = Script { databases: &databases, trust: cluster.trust, advanced: &advanced };
        match self.kind {
            Kind::Plain => Ok(vec![self.plain(&script, observer)?]),
            _ => self.archive(cluster, &script, observer),
        }
    }

    fn archive(
        self,
        cluster: &Cluster<'_>,
        script: &Script<'_>,
        observer: &dyn Observer,
    ) -> Result<Vec<Ran>> {
        observer.note(Fact::Phase("restoring"));
        let spooled = self
            .input
            .filter(|input| !input.seekable)
            .map(|input| spool::spool(input, cluster.home))
            .transpose()?;
        let path = spooled.as_ref().map_or(self.file.as_path(), |spooled| spooled.path());
        let archive = toc::Archive::open(path, self.kind)?;
        if !cluster.trust {
            archive.guard()?;
        }
        archive.restore(cluster, script, &archive.database())
    }

    fn plain(self, script: &Script<'_>, observer: &dyn Observer) -> Result<Ran> {
        let Some(input) = self.input else {
            return Err(Error::failed("internal", "a plain dump without its file"));
        };
        if input.seekable {
            observer.note(Fact::Planned { phase: "restoring", bytes: self.bytes });
        } else {
            observer.note(Fact::Phase("restoring"));
        }
        let create = toc::create(RESTORED, self.about.encoding.as_deref());
        script.databases.open("template1")?.execute(&create)?;
        let (reader, damage) = input.reader();
        script.run(reader, RESTORED).map_err(|error| damage.judge(error))
    }
}

/// The databases that were restored, in order, each once, and without the system's own.
pub fn databases(ran: &[Ran]) -> Vec<&str> {
    let mut distinct: Vec<&str> = Vec::new();
    for name in ran.iter().flat_map(|ran| &ran.databases) {
        let passing = ["template1", REHEARSAL].contains(&name.as_str());
        if !passing && !distinct.contains(&name.as_str()) {
            distinct.push(name);
        }
    }
    distinct
}

/// What was passed over: a stable code each, and what.
pub fn warnings(ran: &[Ran]) -> Vec<(&'static str, String)> {
    let mut warnings = Vec::new();
    let mut dropped = 0_u64;
    let mut told: Vec<&Pardon> = Vec::new();
    for pardon in ran.iter().flat_map(|ran| &ran.pardoned) {
        match pardon {
            Pardon::Drop => dropped += 1,
            _ if told.contains(&pardon) => {}
            Pardon::Exists(message) => {
                warnings.push(("exists_already", format!("{message}: it is in every cluster")));
            }
            Pardon::Setting(message) => {
                warnings.push(("newer_setting", format!("{message}: the pg_dump is newer than the server")));
            }
            Pardon::Locale(why) => warnings.push((
                "locale_missing",
                format!("this host lacks the database's locale, so the copy sorts text by its bytes: {why}"),
            )),
        }
        told.push(pardon);
    }
    if dropped > 0 {
        let message =
            format!("{dropped} objects that the dump drops were not there, as in every new database");
        warnings.push(("nothing_to_drop", message));
    }
    warnings
}
