//! Which server, database and role a tool shall connect to, found as psql and libpq find it.
//!
//! Order: the `-d` string, then `-h -p -U`, a service file, the environment, `~/.pgpass`, the defaults.
//! Variables that set a session's taste (`PGTZ`, `PGDATESTYLE`, `PGCLIENTENCODING`) do not count: the tools pin those.
//! Nothing here touches the network; [`crate::pg::dial`] does. A password is never shown, by `Debug` neither.

mod account;
mod conninfo;
mod encryption;
mod environment;
mod host;
mod methods;
mod passfile;
mod service;
mod settings;
mod terms;
mod uri;

pub use conninfo::in_quotes;
pub use environment::child_removed;
pub use host::Host;

pub(in crate::pg) use encryption::{Encryption, Mode, Roots, Showing, Versions};
pub(in crate::pg) use methods::Method;
pub(in crate::pg) use terms::{Binding, Keepalive, Terms, Wanted};

use crate::error::{Error, Result};
use crate::name::ident;
use crate::pg::dial::Dialed;
use passfile::PasswordFile;
use settings::Settings;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// What `-d`, `-h`, `-p` and `-U` held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectOptions {
    /// `-d`: a database's name, a `key=value` string or a URI. A string beats the other options, as in psql.
    pub dbname: Option<String>,
    /// `-h`: hosts or socket directories, separated by commas.
    pub host: Option<String>,
    /// `-p`: one port for all hosts, or one for each.
    pub port: Option<String>,
    /// `-U`: the role.
    pub username: Option<String>,
}

/// A server, database and role, and everything that matters on the way to them.
#[derive(Clone)]
pub struct Target {
    settings: Settings,
    hosts: Vec<Host>,
    user: String,
    database: String,
    terms: Terms,
    passwords: Arc<PasswordFile>,
    warnings: Vec<String>,
    stop: Option<fn() -> bool>,
}

impl Target {
    /// What the options, this process's environment and this user's files say together.
    pub fn resolve(options: &ConnectOptions) -> Result<Self> {
        Self::resolve_with(options, &|name| std::env::var(name).ok())
    }

    /// The same with another environment.
    pub fn resolve_with(options: &ConnectOptions, env: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let home = account::home(env);
        let mut settings = given(options)?;
        let service = settings.filled("service").map(str::to_owned);
        if let Some(name) = service.or_else(|| env("PGSERVICE")).filter(|name| !name.is_empty()) {
            settings.fill_from(service::find(&name, env, home.as_deref())?);
        }
        settings.fill_defaults(env);
        let user = match settings.filled("user") {
            Some(user) => user.to_owned(),
            None => account::user_name()?,
        };
        let mut warnings = Vec::new();
        let passwords = match settings.filled("password") {
            Some(_) => PasswordFile::default(),
            None => PasswordFile::open(&settings, home.as_deref(), &mut warnings),
        };
        Ok(Self {
            hosts: host::hosts(&settings)?,
            database: settings.filled("dbname").unwrap_or(&user).to_owned(),
            user,
            terms: Terms::parse(&settings, home.as_deref())?,
            passwords: Arc::new(passwords),
            warnings,
            stop: None,
            settings,
        })
    }

    /// The same server and role, another database.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        let mut target = self.clone();
        name.clone_into(&mut target.database);
        target
    }

    /// The same, known to the server by another `application_name`.
    #[must_use]
    pub fn with_application_name(&self, name: &str) -> Self {
        let mut target = self.clone();
        target.settings.put("application_name", name);
        target
    }

    /// Only the host that was chosen, at its address: every further connection reaches the same server.
    #[must_use]
    pub fn pinned_to(&self, dialed: &Dialed) -> Self {
        let mut target = self.clone();
        target.hosts = vec![dialed.host.clone()];
        target.settings.put("target_session_attrs", "any");
        target.settings.put("load_balance_hosts", "disable");
        target.terms.wanted = Wanted::Any;
        target.terms.shuffle = false;
        target
    }

    /// Asks `stop` about twice a second while it connects and while its sessions wait for the server; `true` ends
    /// the wait with an error.
    #[must_use]
    pub fn stop_when(&self, stop: fn() -> bool) -> Self {
        Self { stop: Some(stop), ..self.clone() }
    }

    /// The database's name.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The database's name for a program's `--dbname`, where some names would be taken for a connection string.
    pub(crate) fn database_argument(&self) -> String {
        if conninfo::is_connection_string(&self.database) {
            format!("dbname={}", in_quotes(&self.database))
        } else {
            self.database.clone()
        }
    }

    /// The role's name.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The host that was chosen, or the first of those to try: a name, an address or a socket's directory.
    pub fn host(&self) -> &str {
        self.hosts.first().map(Host::called).unwrap_or_default()
    }

    /// The port of [`Target::host`].
    pub fn port(&self) -> u16 {
        self.hosts.first().map_or(0, |host| host.port)
    }

    /// What the reader should know and that stops nothing, such as a password file that was not used.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// For messages: `database "shop" on db.example:5432 as "alice"`.
    pub fn describe(&self) -> String {
        let hosts: Vec<_> = self.hosts.iter().map(Host::describe).collect();
        format!("database {} on {} as {}", ident(&self.database), hosts.join(", "), ident(&self.user))
    }

    pub(in crate::pg) fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    pub(in crate::pg) fn setting(&self, key: &str) -> Option<&str> {
        self.settings.filled(key)
    }

    /// The password for `host`: the one that was given, else the password file's.
    pub(in crate::pg) fn password(&self, host: &Host) -> Option<&str> {
        let given = self.settings.filled("password");
        given
            .or_else(|| self.passwords.find(host, &self.database, &self.user))
            .filter(|text| !text.is_empty())
    }

    /// The password file, when the password for `host` comes from it.
    pub(in crate::pg) fn password_file(&self, host: &Host) -> Option<&Path> {
        let found = self.passwords.find(host, &self.database, &self.user);
        found.and_then(|_| self.passwords.path())
    }

    pub(in crate::pg) fn terms(&self) -> &Terms {
        &self.terms
    }

    pub(in crate::pg) fn stop(&self) -> Option<fn() -> bool> {
        self.stop
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Target({})", self.describe())
    }
}

/// A connection string in `-d` stands behind the other options and so replaces them.
fn given(options: &ConnectOptions) -> Result<Settings> {
    let mut settings = Settings::default();
    for (key, value) in [("host", &options.host), ("port", &options.port), ("user", &options.username)] {
        if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
            settings.put(key, value.as_str());
        }
    }
    match options.dbname.as_deref() {
        Some(text) if conninfo::is_connection_string(text) => settings.replace_by(conninfo::parse(text)?),
        Some(name) if !name.is_empty() => settings.put("dbname", name),
        _ => {}
    }
    Ok(settings)
}

fn invalid(key: &str, value: &str) -> Error {
    Error::usage(format!("\"{value}\" is no value of {key}"))
}
