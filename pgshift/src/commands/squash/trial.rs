//! Both ways on a private server: the files one by one, and the one in their place. The schemas have to be the same.

use crate::cli::Squash;
use crate::source;
use common::cli::signals;
use common::error::{Error, Result};
use common::inventory::{Inventory, Scope, compare};
use common::pg::session::Session as Connection;
use common::pg::target::{ConnectOptions, Target};
use common::pg::wire::stopped;
use common::sandbox::{Options, Sandbox};
use std::process::{Command, Stdio};

/// How many differences an error names.
const NAMED: usize = 5;

/// A server on which the files were run one by one.
pub(super) struct Trial<'a> {
    args: &'a Squash,
    convention: &'static str,
    sandbox: Sandbox,
}

const BEFORE: &str = "one_by_one";
const AFTER: &str = "squashed";

impl<'a> Trial<'a> {
    /// Starts the server and runs what is there now.
    pub(super) fn begin(args: &'a Squash, convention: &'static str) -> Result<Self> {
        let options =
            Options { major: args.pg_version, stop: Some(signals::stop_requested), ..Options::default() };
        let sandbox = Sandbox::start(&options)?;
        let trial = Self { args, convention, sandbox };
        let mut session = trial.session("postgres")?;
        for name in [BEFORE, AFTER] {
            session.execute(&format!("CREATE DATABASE {name} TEMPLATE template0"))?;
        }
        trial.apply(BEFORE)?;
        Ok(trial)
    }

    /// Runs what is there now, and compares.
    pub(super) fn finish(self) -> Result<()> {
        self.apply(AFTER)?;
        let read = |name: &str| -> Result<(Connection, Inventory)> {
            let mut session = self.session(name)?;
            session.pin_for_writing()?;
            // Made by the first backfill only: it is no part of what the migrations make.
            session.execute("DROP TABLE IF EXISTS pgshift.backfills")?;
            session.execute("BEGIN READ ONLY")?;
            let inventory = Inventory::read(&mut session)?;
            session.execute("COMMIT")?;
            Ok((session, inventory))
        };
        let (_, expected) = read(BEFORE)?;
        let (mut judge, found) = read(AFTER)?;
        // Each is a database of its own, with a name of its own.
        let scope = Scope { database: false, ..Scope::default() };
        let differences = compare(&expected, &found, &scope, Some(&mut judge))?;
        if differences.is_empty() {
            return self.sandbox.stop();
        }
        let error = Error::failed("squash_differs", "one file would not make the same schema as the many");
        let error = differences.iter().take(NAMED).fold(error, |error, difference| {
            let property = difference.property.as_deref().unwrap_or("presence");
            error.cause(format!("{}: {property}", difference.object))
        });
        Err(error
            .hint("squash up to a lower version, or put what makes the difference into a migration after it"))
    }

    fn session(&self, database: &str) -> Result<Connection> {
        let options = ConnectOptions {
            dbname: Some(database.to_owned()),
            host: Some(self.sandbox.socket_directory().to_string_lossy().into_owned()),
            port: Some(self.sandbox.port().to_string()),
            username: Some(self.sandbox.user().to_owned()),
        };
        let mut session = Connection::open(&Target::resolve(&options)?.with_application_name("pgshift"))?;
        session.stop_when(signals::stop_requested)?;
        Ok(session)
    }

    /// Applies the directory by a run of this very program.
    fn apply(&self, database: &str) -> Result<()> {
        let program =
            std::env::current_exe().map_err(|error| Error::io("cannot find this program", &error))?;
        let mut command = Command::new(program);
        command.args([
            "apply",
            "--no-gate",
            "--quiet",
            "--format",
            "jsonl",
            "--to",
            &self.args.to,
            "--convention",
        ]);
        command.arg(self.convention).arg("--dir").arg(&self.args.migrations.dir);
        for placeholder in &self.args.migrations.placeholders {
            // In its environment, where other users of this machine don't see it.
            if let Some((name, value)) = placeholder.split_once('=') {
                command.env(source::placeholder_variable(name), value);
            }
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.env_remove("PGSHIFT_HISTORY_SCHEMA").env_remove("PGOPTIONS");
        self.sandbox.lead(&mut command, database);
        let output = command.output().map_err(|error| Error::io("cannot run pgshift apply", &error))?;
        if signals::stop_requested() {
            return Err(stopped());
        }
        if output.status.success() {
            return Ok(());
        }
        let what = if database == BEFORE { "the files" } else { "the one file in their place" };
        let error = Error::failed("squash_fails", format!("{what} can't be applied to an empty database"));
        let error = if database == BEFORE {
            error.hint("make what they need a migration of its own; --no-check writes the file untried")
        } else {
            error
        };
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(said.lines().fold(error, |error, line| error.cause(line.trim_start_matches("pgshift: "))))
    }
}
