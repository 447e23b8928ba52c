//! Runs SQL as psql would, but strictly, and nothing of psql's own: the first error ends it.
//!
//! What a dump takes for granted of the cluster that it goes into is made on demand: roles and tablespaces. Only what
//! says nothing about the dump is passed over, see [`super::pardon`].

use super::guard;
use super::meta::{self, Asked};
use super::pardon::{self, Pardon};
use super::place::Databases;
use crate::cli::signals;
use crate::error::{Class, Error, Result};
use crate::name::ident;
use crate::pg::session::Session;
use crate::pg::wire::stopped;
use crate::sql::Encoding;
use crate::sql::comments;
use crate::sql::lexer::Dialect;
use crate::sql::split::{Event, Splitter, Statement};
use std::io::BufRead;

/// How much of a statement an error shows.
const SHOWN: usize = 60;

/// How many roles and tablespaces one statement may lack.
const DEMANDS: usize = 1000;

/// What a script needs to run.
pub(super) struct Script<'a> {
    /// The cluster's databases.
    pub(super) databases: &'a Databases,
    /// Run also what reaches out of the server.
    pub(super) trust: bool,
    /// How much of the script is done, in bytes.
    pub(super) advanced: &'a dyn Fn(u64),
}

/// What came of a script.
#[derive(Debug, Default)]
pub struct Ran {
    /// Statements that ran.
    pub statements: u64,
    /// The databases that it was connected to, in order.
    pub databases: Vec<String>,
    /// What was passed over.
    pub(super) pardoned: Vec<Pardon>,
    marks: Marks,
}

/// The comments by which pg_dump says where its output begins and ends.
#[derive(Debug, Default)]
struct Marks {
    begun: u64,
    complete: u64,
}

/// A script under way.
struct Run<'a, 'b> {
    script: &'a Script<'b>,
    session: Session,
    encoding: (String, Encoding),
    restricted: Option<Vec<u8>>,
    ran: Ran,
}

impl Script<'_> {
    /// Runs `input`, first in `database`, to its end.
    pub(super) fn run(&self, input: impl BufRead, database: &str) -> Result<Ran> {
        let mut run = Run {
            script: self,
            session: self.databases.open(database)?,
            encoding: (String::new(), Encoding::Plain),
            restricted: None,
            ran: Ran { databases: vec![database.to_owned()], ..Ran::default() },
        };
        run.all(&mut Splitter::new(input))?;
        run.ran.marks.check()?;
        Ok(run.ran)
    }
}

impl Run<'_, '_> {
    fn all<R: BufRead>(&mut self, splitter: &mut Splitter<R>) -> Result<()> {
        loop {
            if signals::stop_requested() {
                return Err(stopped());
            }
            let done = splitter.offset();
            splitter.set_dialect(self.dialect());
            match splitter.event().map_err(cut_off)? {
                Event::Statement(statement) => {
                    self.ran.marks.read(statement.lead);
                    let (line, copies_in) = (statement.line, statement.copies_in);
                    self.guard(&statement)?;
                    if copies_in {
                        let (shown, text) = (shown(statement.text), statement.text.to_vec());
                        self.copy(splitter, &text).map_err(|error| does_not_restore(error, line, &shown))?;
                    } else {
                        self.statement(&statement)?;
                    }
                    self.ran.statements += 1;
                }
                Event::Meta(command) => {
                    self.ran.marks.read(command.lead);
                    self.meta(command.text, command.line, command.inside)?;
                }
                Event::End(lead) => {
                    self.ran.marks.read(lead);
                    return Ok(());
                }
                // Rows come behind their COPY, where they are taken.
                Event::CopyData(_) | Event::CopyEnd => {}
            }
            (self.script.advanced)(splitter.offset() - done);
        }
    }

    fn dialect(&mut self) -> Dialect {
        let name = self.session.parameter("client_encoding").unwrap_or_default();
        if self.encoding.0 != name {
            self.encoding = (name.to_owned(), Encoding::named(name));
        }
        let standard_strings = self.session.parameter("standard_conforming_strings") != Some("off");
        Dialect { standard_strings, encoding: self.encoding.1 }
    }

    fn guard(&mut self, statement: &Statement<'_>) -> Result<()> {
        if self.script.trust {
            return Ok(());
        }
        guard::check(statement.text, statement.line, self.dialect())
    }

    fn copy<R: BufRead>(&mut self, splitter: &mut Splitter<R>, text: &[u8]) -> Result<()> {
        let mut rows = self.session.copy_in_bytes(text)?;
        loop {
            match splitter.event().map_err(cut_off)? {
                Event::CopyData(data) => {
                    rows.write(data)?;
                    (self.script.advanced)(data.len() as u64);
                }
                _ => return rows.finish().map(drop),
            }
            if signals::stop_requested() {
                return Err(stopped());
            }
        }
    }

    fn statement(&mut self, statement: &Statement<'_>) -> Result<()> {
        let dialect = self.dialect();
        let rewritten = pardon::for_a_sandbox(statement.text, dialect);
        let text = rewritten.as_deref().unwrap_or(statement.text);
        let failed = |error| does_not_restore(error, statement.line, &shown(statement.text));
        let done = self.on_demand(text);
        let Err(error) = done else { return Ok(()) };
        if let Some(pardon) = pardon::of(&error, text, dialect) {
            self.ran.pardoned.push(pardon);
            return Ok(());
        }
        if let Some(without_locale) = pardon::without_locale(&error, text) {
            self.on_demand(&without_locale).map_err(failed)?;
            self.ran.pardoned.push(Pardon::Locale(error.to_string()));
            return Ok(());
        }
        Err(failed(error))
    }

    /// Runs it, and makes what it lacks of the cluster.
    fn on_demand(&mut self, text: &[u8]) -> Result<()> {
        let mut demands = 0;
        loop {
            let Err(error) = self.session.ask(text) else { return Ok(()) };
            let Some(make) = pardon::lacking(&error) else { return Err(error) };
            demands += 1;
            // In a transaction nothing can be made any more.
            if demands > DEMANDS || self.session.execute(&make).is_err() {
                return Err(error);
            }
        }
    }

    fn meta(&mut self, text: &[u8], line: u64, inside: bool) -> Result<()> {
        let asked = if inside { None } else { meta::read(text) };
        let restricted = self.restricted.is_some() && !matches!(asked, Some(Asked::Unrestrict(_)));
        match asked {
            Some(asked) if !restricted => self.follow(asked, line),
            _ => {
                let shown: String = String::from_utf8_lossy(text).trim_end().chars().take(SHOWN).collect();
                let message =
                    format!("line {line} of the dump is a command for psql, which is not run: {shown}");
                Err(Error::refused("psql_command", message).hint(
                    "no pg_dump writes it there: find out who did, and take the line out if it is harmless",
                ))
            }
        }
    }

    fn follow(&mut self, asked: Asked, line: u64) -> Result<()> {
        match asked {
            Asked::Restrict(key) => self.restricted = Some(key),
            Asked::Unrestrict(key) => {
                if self.restricted.take() != Some(key) {
                    return Err(Error::refused(
                        "psql_command",
                        format!("line {line} of the dump has a wrong key"),
                    ));
                }
            }
            Asked::Encoding(name) => {
                let set = format!("SET client_encoding = {}", crate::name::literal(&name));
                self.session.execute(&set).map_err(|error| does_not_restore(error, line, "\\encoding"))?;
            }
            Asked::Connect(name) => {
                self.session =
                    self.script.databases.open(&name).map_err(|error| {
                        does_not_restore(error, line, &format!("\\connect {}", ident(&name)))
                    })?;
                if !self.ran.databases.contains(&name) {
                    self.ran.databases.push(name);
                }
            }
        }
        Ok(())
    }
}

impl Marks {
    /// The same words are in every dump since 7.x: `pg_backup_archiver.c`, `pg_dumpall.c`.
    fn read(&mut self, lead: &[u8]) {
        // Shorter than any of them.
        if lead.len() < 26 {
            return;
        }
        for line in comments::lines(lead) {
            match line.as_str() {
                "PostgreSQL database dump" | "PostgreSQL database cluster dump" => self.begun += 1,
                "PostgreSQL database dump complete" | "PostgreSQL database cluster dump complete" => {
                    self.complete += 1;
                }
                _ => {}
            }
        }
    }

    fn check(&self) -> Result<()> {
        if self.begun == self.complete {
            return Ok(());
        }
        Err(Error::new(Class::No, "truncated", "the dump is not whole: pg_dump's last line is missing")
            .cause("it ends without \"-- PostgreSQL database dump complete\"")
            .hint("pg_dump or whatever wrote the file was cut off: look at its messages, and dump again"))
    }
}

/// The end of the script in the middle of something is an answer.
fn cut_off(error: Error) -> Error {
    if error.code() == "truncated" {
        error.class_is(Class::No).context("the dump is not whole")
    } else {
        error
    }
}

/// The beginning of a statement, without the values that may be in it.
fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let head = text.split(['(', '\'', '$', '\n']).next().unwrap_or_default();
    let head: String = head.trim_end().chars().take(SHOWN).collect();
    head.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A dump that a healthy server of its version does not take is not good. What only this machine lacks is another matter.
pub(super) fn does_not_restore(error: Error, line: u64, what: &str) -> Error {
    pardon::judge(error).context(format!("line {line} of the dump: {what}"))
}
