//! Somebody's dump: what it is, restored strictly into a private cluster, counted, then used as was asked.
//!
//! psql is never run: its commands in a dump could run programs here. pg_restore runs none.

mod count;
mod source;

use crate::cli::Archive;
use crate::copy::Copy;
use crate::records::VerifyResult;
use crate::report::Report;
use common::cli::{Session, signals};
use common::dump::{self, Cluster, Databases, Dump, Place, RESTORED};
use common::error::{Error, Result};
use common::pipeline::observer::{Fact, Observer as _};
use common::records::Warning;
use count::Counted;
use std::path::Path;
use std::time::Instant;

/// The verification of one file.
pub(crate) struct Verification<'a> {
    pub(crate) session: &'a Session<VerifyResult>,
    pub(crate) args: &'a Archive,
}

impl Verification<'_> {
    pub(crate) fn run(&self) -> Result<()> {
        let dump = Dump::look(&self.args.file)?;
        let begun = Instant::now();
        let report = Report::new(self.session);
        report.note(Fact::Phase("starting a cluster"));
        let asked = &self.args.place;
        let place =
            Place { major: asked.pg_version, settings: &asked.settings, parent: asked.work_dir.as_deref() };
        let (sandbox, other) = dump.start(&place)?;
        if let Some(message) = other {
            self.session.warn(&Warning::new("other_version", message));
        }
        report.step("cluster", 1, begun.elapsed().as_secs_f64());
        let (major, home) = (sandbox.major(), sandbox.data_directory());
        let copy = Copy::private(sandbox, RESTORED, signals::stop_requested)?;
        self.session.result().source_version.clone_from(&dump.about.server);
        self.session.result().copy_version = Some(copy.server_version()?);
        let restored = self.restore(dump, &copy, major, home.parent().unwrap_or(&home), &report);
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
        dump: Dump,
        copy: &Copy,
        major: u32,
        home: &Path,
        report: &Report<'_>,
    ) -> Result<String> {
        let begun = Instant::now();
        let cluster = Cluster {
            target: copy.target(),
            lead: &|command| copy.lead(command),
            major,
            home,
            trust: self.args.trust,
            jobs: self.args.jobs,
        };
        let ran = dump.restore(&cluster, report)?;
        let seconds = begun.elapsed().as_secs_f64();
        self.session.result().restore_seconds = Some(seconds);
        report.step("restore", ran.iter().map(|ran| ran.statements).sum(), seconds);
        for (code, message) in dump::warnings(&ran) {
            self.session.warn(&Warning::new(code, message));
        }
        self.count(&Databases::of(copy.target()), &dump::databases(&ran), report)
    }

    /// Reads every table of the databases; gives the one with most rows.
    fn count(&self, databases: &Databases, own: &[&str], report: &Report<'_>) -> Result<String> {
        let begun = Instant::now();
        report.note(Fact::Phase("counting"));
        let mut seen: Vec<(&str, Counted)> = Vec::new();
        for name in own {
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
}
