//! Somebody's dump: what it is, restored strictly into a private cluster, counted, then used as was asked.
//!
//! psql is never run: its commands in a dump could run programs here. pg_restore runs none.

mod about;
mod count;
mod guard;
mod input;
mod kind;
mod meta;
mod owners;
mod pardon;
mod place;
mod restorer;
mod script;
mod source;
mod spool;
mod tar;
mod toc;

use crate::cli::Archive;
use crate::copy::Copy;
use crate::records::VerifyResult;
use crate::report::Report;
use about::About;
use common::cli::{Session, signals};
use common::error::{Error, Result};
use common::pipeline::observer::{Fact, Observer as _};
use common::records::Warning;
use count::Counted;
use input::Input;
use kind::Kind;
use pardon::Pardon;
use place::Databases;
use script::{Ran, Script};
use std::path::Path;
use std::time::Instant;

/// The database that a dump goes into that does not name one.
pub(crate) const RESTORED: &str = "restored";

/// The verification of one file.
pub(crate) struct Verification<'a> {
    pub(crate) session: &'a Session<VerifyResult>,
    pub(crate) args: &'a Archive,
}

/// A file that was looked at.
struct Looked {
    kind: Kind,
    about: About,
    bytes: u64,
    /// Absent of a directory.
    input: Option<Input>,
}

impl Verification<'_> {
    pub(crate) fn run(&self) -> Result<()> {
        let looked = look(&self.args.file)?;
        let begun = Instant::now();
        let report = Report::new(self.session);
        report.note(Fact::Phase("starting a cluster"));
        let (sandbox, other) = place::start(&self.args.place, &looked.about, looked.bytes)?;
        if let Some(message) = other {
            self.session.warn(&Warning::new("other_version", message));
        }
        report.step("cluster", 1, begun.elapsed().as_secs_f64());
        let (major, home) = (sandbox.major(), sandbox.data_directory());
        let copy = Copy::private(sandbox, RESTORED, signals::stop_requested)?;
        self.session.result().source_version.clone_from(&looked.about.server);
        self.session.result().copy_version = Some(copy.server_version()?);
        let restored = self.restore(looked, &copy, major, home.parent().unwrap_or(&home), &report);
        match restored {
            Ok(name) => {
                self.session.result().database = Some(name.clone());
                let copy = copy.in_database(&name);
                match source::compare(self.session, self.args, &copy) {
                    Ok(()) => copy.after(self.session, &self.args.place),
                    Err(error) => copy.part(self.session, &self.args.place, Err(error.under_way())),
                }
            }
            Err(error) => copy.part(self.session, &self.args.place, Err(error.under_way())),
        }
    }

    /// Restores and counts; the database that is the copy.
    fn restore(
        &self,
        looked: Looked,
        copy: &Copy,
        major: u32,
        home: &Path,
        report: &Report<'_>,
    ) -> Result<String> {
        let begun = Instant::now();
        let databases = Databases::of(copy.target());
        let script = Script {
            databases: &databases,
            trust: self.args.trust,
            advanced: &|bytes| report.note(Fact::Advanced(bytes)),
        };
        let ran = match looked.kind {
            Kind::Plain => vec![plain(looked, &script, report)?],
            _ => self.archive(looked, copy, &script, major, home, report)?,
        };
        let seconds = begun.elapsed().as_secs_f64();
        self.session.result().restore_seconds = Some(seconds);
        report.step("restore", ran.iter().map(|ran| ran.statements).sum(), seconds);
        self.tell(ran.iter().flat_map(|ran| &ran.pardoned));
        let names: Vec<&String> = ran.iter().flat_map(|ran| &ran.databases).collect();
        self.count(&databases, &names, report)
    }

    fn archive(
        &self,
        looked: Looked,
        copy: &Copy,
        script: &Script<'_>,
        major: u32,
        home: &Path,
        report: &Report<'_>,
    ) -> Result<Vec<Ran>> {
        report.note(Fact::Phase("restoring"));
        let spooled = looked
            .input
            .filter(|input| !input.seekable)
            .map(|input| spool::spool(input, home))
            .transpose()?;
        let path = spooled.as_ref().map_or(self.args.file.as_path(), |spooled| spooled.path());
        let archive = toc::Archive::open(path, looked.kind)?;
        if !self.args.trust {
            archive.guard()?;
        }
        archive.restore(copy, script, &archive.database(), major, self.args.jobs)
    }

    /// Reads every table of the databases; gives the one with most rows.
    fn count(&self, databases: &Databases, names: &[&String], report: &Report<'_>) -> Result<String> {
        let begun = Instant::now();
        report.note(Fact::Phase("counting"));
        let mut seen: Vec<(&str, Counted)> = Vec::new();
        let own: Vec<&str> = distinct(names);
        for name in &own {
            seen.push((name, count::database(self.session, databases, name, own.len() > 1)?));
        }
        report.note(Fact::Phase("done"));
        let sum = |of: fn(&Counted) -> u64| seen.iter().map(|(_, counted)| of(counted)).sum::<u64>();
        let tables = sum(|counted| counted.tables);
        {
            let mut result = self.session.result();
            result.tables = Some(tables);
            result.found_rows = Some(sum(|counted| counted.rows));
            result.found_bytes = Some(sum(|counted| counted.bytes));
        }
        report.step("count", tables, begun.elapsed().as_secs_f64());
        if tables == 0 {
            return Err(Error::failed("nothing_restored", "nothing was restored: the dump holds no table")
                .hint("look at how it was made: which database, which schemas, which options"));
        }
        let filled = seen.iter().filter(|(_, counted)| counted.tables > 0).count();
        let largest = seen.iter().max_by_key(|(_, counted)| (counted.bytes, counted.tables));
        let name = largest.map_or(RESTORED, |(name, _)| name).to_owned();
        if filled > 1 && self.args.place.is_used() {
            let message =
                format!("the dump holds {filled} databases; the copy that is used is the largest, {name}");
            self.session.warn(&Warning::new("several_databases", message).object(&name));
        }
        Ok(name)
    }

    fn tell<'a>(&self, pardoned: impl Iterator<Item = &'a Pardon>) {
        let mut dropped = 0_u64;
        let mut told: Vec<&Pardon> = Vec::new();
        for pardon in pardoned {
            match pardon {
                Pardon::Drop => dropped += 1,
                _ if told.contains(&pardon) => {}
                Pardon::Exists(message) => {
                    self.warn("exists_already", &format!("{message}: it is in every cluster"));
                }
                Pardon::Setting(message) => {
                    self.warn("newer_setting", &format!("{message}: the pg_dump is newer than the server"));
                }
                Pardon::Locale(why) => {
                    self.warn("locale_missing", &format!("this host lacks the database's locale, so the copy sorts text by its bytes: {why}"));
                }
            }
            told.push(pardon);
        }
        if dropped > 0 {
            self.warn(
                "nothing_to_drop",
                &format!("{dropped} objects that the dump drops were not there, as in every new database"),
            );
        }
    }

    fn warn(&self, code: &str, message: &str) {
        self.session.warn(&Warning::new(code, message));
    }
}

/// Databases in order, each once, and without the system's own.
fn distinct<'a>(names: &[&'a String]) -> Vec<&'a str> {
    let mut distinct: Vec<&str> = Vec::new();
    for name in names {
        let passing = ["template1", "pgverify rehearsal"].contains(&name.as_str());
        if !passing && !distinct.contains(&name.as_str()) {
            distinct.push(name);
        }
    }
    distinct
}

/// What the file is, and what it says of its source.
fn look(path: &Path) -> Result<Looked> {
    if path.is_dir() {
        let kind = kind::of_directory(path)?;
        let toc = Input::open(&path.join("toc.dat"))?;
        let about = About::archive(&toc::head(kind, &toc.head)?);
        return Ok(Looked { kind, about, bytes: spool::bytes_in(path), input: None });
    }
    let input = Input::open(path)?;
    let kind = kind::of_file(path, &input)?;
    let about = match kind {
        Kind::Plain => About::plain(&input.head),
        _ => About::archive(&toc::head(kind, &input.head)?),
    };
    Ok(Looked { kind, about, bytes: input.bytes, input: Some(input) })
}

fn plain(looked: Looked, script: &Script<'_>, report: &Report<'_>) -> Result<Ran> {
    let Some(input) = looked.input else {
        return Err(Error::failed("internal", "a plain dump without its file"));
    };
    if input.seekable {
        report.note(Fact::Planned { phase: "restoring", bytes: looked.bytes });
    } else {
        report.note(Fact::Phase("restoring"));
    }
    let create = toc::create(RESTORED, looked.about.encoding.as_deref());
    script.databases.open("template1")?.execute(&create)?;
    let (reader, damage) = input.reader();
    script.run(reader, RESTORED).map_err(|error| damage.judge(error))
}
