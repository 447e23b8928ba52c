//! Both ways on a private server: the files one by one, and the one in their place. The schemas have to be the same.

use super::schemas;
use crate::cli::Squash;
use crate::source;
use common::cli::signals;
use common::error::{Error, Result};
use common::pg::wire::stopped;
use common::sandbox::Sandbox;
use std::process::{Command, Stdio};

/// A server on which the files were run one by one.
pub(super) struct Trial<'a> {
    args: &'a Squash,
    to: &'a str,
    convention: &'static str,
    sandbox: Sandbox,
}

const BEFORE: &str = "one_by_one";
const AFTER: &str = "squashed";

impl<'a> Trial<'a> {
    /// Starts the server and runs what is there now.
    pub(super) fn begin(args: &'a Squash, to: &'a str, convention: &'static str) -> Result<Self> {
        let sandbox = schemas::server(args.pg_version)?;
        let trial = Self { args, to, convention, sandbox };
        let mut session = schemas::connect(&trial.sandbox, "postgres")?;
        for name in [BEFORE, AFTER] {
            session.execute(&format!("CREATE DATABASE {name} TEMPLATE template0"))?;
        }
        trial.apply(BEFORE)?;
        Ok(trial)
    }

    /// Runs what is there now, and compares.
    pub(super) fn finish(self) -> Result<()> {
        self.apply(AFTER)?;
        let (_, expected) = schemas::read(&self.sandbox, BEFORE)?;
        let differences = schemas::differences(&expected, schemas::read(&self.sandbox, AFTER)?)?;
        if differences.is_empty() {
            return self.sandbox.stop();
        }
        let error = Error::failed("squash_differs", "one file would not make the same schema as the many");
        let error = differences.into_iter().fold(error, Error::cause);
        Err(error
            .hint("squash up to a lower version, or put what makes the difference into a migration after it"))
    }

    /// Applies the directory by a run of this very program.
    fn apply(&self, database: &str) -> Result<()> {
        let program =
            std::env::current_exe().map_err(|error| Error::io("cannot find this program", &error))?;
        let mut command = Command::new(program);
        command.args(["apply", "--no-gate", "--quiet", "--format", "jsonl", "--to", self.to, "--convention"]);
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
        let error = Error::failed("squash_fails", format!("{what} cannot be applied to an empty database"));
        let error = if database == BEFORE {
            error.hint("make what they need a migration of its own; --no-check writes the file untried")
        } else {
            error
        };
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(said.lines().fold(error, |error, line| error.cause(line.trim_start_matches("pgshift: "))))
    }
}
