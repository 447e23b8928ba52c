//! What lets an apply pass: a proof that this very database can be restored, or somebody's decision to go without.

mod proof;
mod rows;
mod setting;

use crate::history::Author;
use crate::records::ShiftResult;
use common::cli::Session;
use common::error::{Error, Result};
use common::pg::catalog;
use common::pg::session::Session as Connection;
use common::records::Upstream;
use std::path::Path;
use std::time::Duration;

/// Says that the gate is to be left open.
const OPEN: &str = "PGSHIFT_GATE";

/// Says which copy of a database a program was started on, as `SYSTEM_IDENTIFIER/DATABASE`.
const COPY: &str = "PGVERIFY_COPY";

/// What was asked for.
pub(crate) struct Asked<'a> {
    /// The records on stdin, when they shall say it.
    pub(crate) upstream: Option<&'a Upstream>,
    /// `--no-gate`.
    pub(crate) open: bool,
    /// How old a snapshot may be.
    pub(crate) max_age: Duration,
    /// Where the settings of a development machine may be.
    pub(crate) directory: &'a Path,
}

/// What let it pass.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passed {
    /// `verified`, `copy`, `off` or `empty`.
    pub(crate) gate: &'static str,
    /// The snapshot that was proved.
    pub(crate) snapshot: Option<String>,
    /// Its store.
    pub(crate) store: Option<String>,
}

/// Lets it pass, or says in one sentence why not. `connection` is to the database that is to be changed.
pub(crate) fn pass(connection: &mut Connection, asked: &Asked<'_>, history: &str) -> Result<Passed> {
    let gate = |gate| Ok(Passed { gate, ..Passed::default() });
    let database = connection.target().database().to_owned();
    if let Some(upstream) = asked.upstream {
        let system = system(connection)?;
        let row = connection.query_one(
            "SELECT pg_catalog.now(), oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()",
        )?;
        let wanted = proof::Wanted {
            system: &system,
            database: &database,
            oid: row.number(1)?,
            now: row.text(0),
            max_age: asked.max_age,
        };
        return proof::check(upstream, &wanted);
    }
    if let Ok(copy) = std::env::var(COPY)
        && copy == format!("{}/{database}", system(connection)?)
    {
        return gate("copy");
    }
    if asked.open
        || std::env::var(OPEN).is_ok_and(|value| value == "off")
        || setting::is_off(asked.directory)?
    {
        return gate("off");
    }
    match rows::first(connection, history)? {
        None => gate("empty"),
        Some(table) => Err(Error::refused(
            "no_proof",
            format!(
                "{} holds rows ({table}), and nothing shows that they could be restored",
                connection.target().describe()
            ),
        )
        .hint("pgsnap create … | pgverify restore - | pgshift apply -; or take the risk with --no-gate")),
    }
}

/// The cluster that the database is in.
fn system(connection: &mut Connection) -> Result<String> {
    catalog::system(connection)
        .map(|(system, _)| system)
        .map_err(|error| error.context("cannot tell which cluster this is"))
}

impl Passed {
    /// Who applies with it.
    pub(crate) fn author(self, session: &Session<ShiftResult>) -> Author {
        Author {
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            run: session.run_id().to_owned(),
            gate: self.gate.to_owned(),
            snapshot: self.snapshot,
            store: self.store,
        }
    }
}
