//! The copy that is looked at: a database in a private cluster, or a scratch database on somebody's server.
//!
//! It lives as long as its value, unless it is kept. Knows nothing of where its rows came from.

mod after;
pub(crate) mod checks;
mod command;
mod hold;
mod scratch;

use crate::records::CopyRecord;
use common::error::Result;
use common::name::ident;
use common::pg::catalog;
use common::pg::session::Session;
use common::pg::target::Target;
use common::sandbox::Sandbox;
use scratch::Scratch;
use std::process::Command;

/// The copy.
pub(crate) struct Copy {
    target: Target,
    home: Home,
}

enum Home {
    Private(Box<Sandbox>),
    Server(Box<Scratch>),
}

impl Copy {
    /// The database `name`, which need not exist yet, of a private cluster.
    pub(crate) fn private(sandbox: Sandbox, name: &str, stop: fn() -> bool) -> Result<Self> {
        let target = sandbox.target(name)?.with_application_name("pgverify").stop_when(stop);
        Ok(Self { target, home: Home::Private(Box::new(sandbox)) })
    }

    /// A database that is yet to be made on the server that `connection` names.
    pub(crate) fn on_server(connection: &str, stop: fn() -> bool) -> Result<Self> {
        let scratch = Scratch::on(connection, stop)?;
        Ok(Self { target: scratch.target().clone(), home: Home::Server(Box::new(scratch)) })
    }

    /// The same cluster; the copy is another database of it.
    pub(crate) fn in_database(self, name: &str) -> Self {
        Self { target: self.target.with_database(name), ..self }
    }

    /// The way to it.
    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// Whether the cluster is ours alone.
    pub(crate) fn is_private(&self) -> bool {
        matches!(self.home, Home::Private(_))
    }

    /// What the server calls its version.
    pub(crate) fn server_version(&self) -> Result<String> {
        let mut session = Session::open(&self.target.with_database("postgres"))?;
        session.lift_timeout()?;
        Ok(session.query_one("SELECT current_setting('server_version')")?.text(0).to_owned())
    }

    /// Makes `command` see it, and nothing of what would lead it elsewhere.
    pub(crate) fn lead(&self, command: &mut Command) {
        match &self.home {
            Home::Private(sandbox) => sandbox.lead(command, self.target.database()),
            Home::Server(scratch) => scratch.lead(command),
        }
    }

    /// Tells `command` which database is but a copy, so that it takes no other for one; not where the server keeps to
    /// itself which cluster it is, as some managed services do.
    pub(crate) fn tell(&self, command: &mut Command) -> Result<()> {
        let mut session = Session::open(&self.target)?;
        session.lift_timeout()?;
        match catalog::system(&mut session) {
            Ok((system, _)) => {
                command.env("PGVERIFY_COPY", format!("{system}/{}", self.target.database()));
                Ok(())
            }
            Err(error) if error.code() == "permission_denied" => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Removes it; says so when that fails.
    pub(crate) fn remove(self) -> Result<()> {
        match self.home {
            Home::Private(sandbox) => sandbox.stop(),
            Home::Server(scratch) => scratch.remove(),
        }
    }

    /// Leaves it up; how to reach and to remove it.
    fn keep(self) -> Result<CopyRecord> {
        let database = self.target.database().to_owned();
        match self.home {
            Home::Private(sandbox) => {
                let kept = sandbox.keep()?;
                Ok(CopyRecord {
                    host: kept.socket_directory.display().to_string(),
                    port: kept.port,
                    user: kept.user,
                    database,
                    remove: format!(
                        "{} && rm -rf {}",
                        kept.stop_command,
                        quoted(&kept.directory.display().to_string())
                    ),
                })
            }
            Home::Server(scratch) => {
                scratch.keep();
                Ok(Self::reach(&self.target, format!("DROP DATABASE {}", ident(&database))))
            }
        }
    }

    /// How to reach it while we hold it.
    fn held(&self) -> CopyRecord {
        Self::reach(&self.target, "interrupt this program".to_owned())
    }

    fn reach(target: &Target, remove: String) -> CopyRecord {
        CopyRecord {
            host: target.host().to_owned(),
            port: target.port(),
            user: target.user().to_owned(),
            database: target.database().to_owned(),
            remove,
        }
    }
}

/// A word for a shell that a person types into.
fn quoted(word: &str) -> String {
    let plain = word.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
