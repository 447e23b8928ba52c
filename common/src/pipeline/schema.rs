//! The schema, as `pg_dump` writes it under the very snapshot that the rows are read under.

use super::writer::BlockWriter;
use crate::error::{Class, Error, Result};
use crate::format::manifest::{Schema, Selection};
use crate::inventory::Inventory;
use crate::pg::archive::{Contents, Spelling, Stage};
use crate::pg::programs::{self, Program};
use crate::pg::standstill::Standstill;
use crate::pg::target::Target;
use crate::pg::text;
use std::io::Read;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// How often is looked whether pg_dump is held up.
const LOOK: Duration = Duration::from_millis(250);

/// What pg_dump is asked.
pub(super) struct Dump<'a> {
    pub(super) target: &'a Target,
    pub(super) snapshot: &'a str,
    pub(super) selection: &'a Selection,
    pub(super) role: Option<&'a str>,
    pub(super) sql_ascii: bool,
    pub(super) lock_wait_ms: u64,
    pub(super) stop: &'a (dyn Fn() -> bool + Sync),
}

/// The pg_dump that fits the server, found before anything is read.
pub(super) fn program(server_version_num: u32) -> Result<Program> {
    programs::client("pg_dump", server_version_num / 10_000)
}

impl Dump<'_> {
    /// Runs `program`; the archive that it writes.
    pub(super) fn run(&self, program: &Program, standstill: Standstill) -> Result<Vec<u8>> {
        let mut command = program.start();
        command.args(["--schema-only", "--format=custom", "--compress=0", "--no-password"]);
        command.arg(format!("--snapshot={}", self.snapshot));
        command.arg(format!("--lock-wait-timeout={}", self.lock_wait_ms));
        command.arg(if self.sql_ascii { "--encoding=SQL_ASCII" } else { "--encoding=UTF8" });
        command.args(self.role.map(|role| format!("--role={role}")));
        for (option, patterns) in [
            ("--schema", &self.selection.schemas),
            ("--exclude-schema", &self.selection.exclude_schemas),
            ("--table", &self.selection.tables),
            ("--exclude-table", &self.selection.exclude_tables),
        ] {
            command.args(patterns.iter().map(|pattern| format!("{option}={pattern}")));
        }
        for name in crate::pg::target::child_removed() {
            command.env_remove(name);
        }
        if program.custom {
            // It may run on another host, where our socket and our environment mean nothing.
            command.arg(format!("--username={}", self.target.user()));
            command.arg("--dbname").arg(self.target.database_argument());
        }
        command.envs(self.target.child_environment());
        // Its complaints are looked through for what they mean.
        command.env("LC_ALL", "C");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().map_err(|error| Error::io("cannot start pg_dump", &error))?;
        self.collect(child, standstill)
    }

    fn collect(&self, mut child: Child, mut standstill: Standstill) -> Result<Vec<u8>> {
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let status = std::thread::scope(|scope| {
            let archive = scope.spawn(move || read_all(stdout));
            let complaint = scope.spawn(move || read_all(stderr));
            let mut looked = Instant::now();
            let status = loop {
                match child.try_wait() {
                    Ok(Some(status)) => break Ok(status),
                    Ok(None) if (self.stop)() => {
                        end(&mut child);
                        break Err(crate::pg::wire::stopped());
                    }
                    Ok(None) if looked.elapsed() > LOOK => {
                        looked = Instant::now();
                        match standstill.is_there() {
                            Ok(false) => {}
                            Ok(true) => {
                                end(&mut child);
                                break Err(held_up());
                            }
                            Err(error) => {
                                end(&mut child);
                                break Err(error);
                            }
                        }
                    }
                    Ok(None) => std::thread::sleep(Duration::from_millis(20)),
                    Err(error) => break Err(Error::io("cannot wait for pg_dump", &error)),
                }
            };
            let archive = archive.join().unwrap_or_default();
            let complaint = complaint.join().unwrap_or_default();
            status.map(|status| (status, archive, complaint))
        });
        let (status, archive, complaint) = status?;
        if status.success() {
            return Ok(archive);
        }
        let complaint = String::from_utf8_lossy(&complaint);
        let mut error = Error::failed("pg_dump", format!("pg_dump failed ({status})"));
        for line in complaint.trim().lines().take(8) {
            error = error.cause(line.to_owned());
        }
        // What libpq and the server say when a session ends before its time; pg_dump's exit status is the same for all.
        let lost =
            ["server closed the connection", "terminating connection", "connection to server was lost"];
        if lost.iter().any(|words| complaint.contains(words)) {
            error = error.class_is(Class::Interrupted).code_is("connection_lost");
        }
        // Its own --lock-wait-timeout is a statement_timeout.
        if complaint.contains("statement timeout") || complaint.contains("lock timeout") {
            error = error
                .hint("somebody waits to change a table that is being read; try again when that is done");
        }
        Err(error)
    }
}

/// Our locks hold up pg_dump, by way of somebody who waits for them. Taken again, they do not.
fn held_up() -> Error {
    Error::failed("held_up", "pg_dump waits for a session that waits for our locks")
        .hint("somebody keeps changing or dropping tables: exclude these with -T or -N, or try again later")
}

/// Ends pg_dump. Told to, it cancels what the server does for it; one that does not listen is killed.
fn end(child: &mut Child) {
    let pid = rustix::process::Pid::from_child(child);
    // It may have ended by itself in this instant.
    let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    for _ in 0..100 {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(child.kill());
    drop(child.wait());
}

fn read_all(stream: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        // A pipe that breaks ends what was written; the exit status tells whether that was all.
        drop(stream.read_to_end(&mut bytes));
    }
    bytes
}

/// Stores the archive, the same as scripts for psql, and the inventory of what is in them.
pub(super) fn store(
    archive: &[u8],
    mut inventory: Inventory,
    is_everything: bool,
    sql_ascii: bool,
    writer: &mut BlockWriter<'_>,
) -> Result<Schema> {
    let contents = Contents::read(archive)?;
    let major = inventory.major;
    // Of everything nothing is left out: what pg_dump should not carry is missed then.
    if !is_everything {
        inventory.retain(&contents);
    }
    Ok(Schema {
        pg_dump: contents.pg_dump.clone(),
        encoding: if sql_ascii { "SQL_ASCII" } else { "UTF8" }.to_owned(),
        archive: writer.put_bytes(archive)?,
        before_data: writer.put_bytes(&script(&contents, major, |stage| stage == Stage::BeforeData))?,
        after_data: writer.put_bytes(&script(&contents, major, |stage| stage != Stage::BeforeData))?,
        inventory: writer.put_bytes(&inventory.encode()?)?,
    })
}

/// A script for psql, which knows no parallel work: everything stage by stage, in the archive's order.
fn script(contents: &Contents, major: u32, wanted: impl Fn(Stage) -> bool) -> Vec<u8> {
    let mut script = String::from(
        "SET search_path = '';\nSET check_function_bodies = off;\nSET xmloption = content;\n\
         SET client_min_messages = warning;\nSET row_security = off;\n",
    );
    script.extend(contents.strings());
    script.push('\n');
    let spelling = Spelling::default();
    let mut staged = contents.staged();
    staged.sort_by_key(|(stage, _)| *stage);
    for (_, entry) in staged.iter().filter(|(stage, _)| wanted(*stage)) {
        for statement in spelling.statements(entry, major) {
            script.push_str(&statement);
            script.push('\n');
        }
    }
    text::encode(&script)
}
