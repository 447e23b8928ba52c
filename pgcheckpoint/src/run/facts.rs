//! What has to be known of a server and of who asks before checks are chosen.

use common::error::Result;
use common::pg::session::Session;
use std::collections::{BTreeMap, BTreeSet};

/// A server, a database, and who asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Host and port.
    pub(crate) server: String,
    /// The system identifier, or what the server goes by.
    pub(crate) identity: String,
    pub(crate) database: String,
    pub(crate) user: String,
    pub(crate) major: u32,
    pub(crate) version: String,
    pub(crate) standby: bool,
    /// The predefined roles whose rights the user has.
    pub(crate) roles: BTreeSet<String>,
    /// Extensions of the database, and their schemas.
    pub(crate) extensions: BTreeMap<String, String>,
    /// How long connecting took, in seconds.
    pub(crate) connect_seconds: f64,
}

impl Facts {
    /// Asks for them.
    pub(super) fn read(session: &mut Session) -> Result<Self> {
        let row = session.query_one(
            "SELECT current_database(), current_user, current_setting('server_version'), pg_is_in_recovery()",
        )?;
        let roles = session.query(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'pg\\_%' AND pg_has_role(oid, 'USAGE') \
             UNION ALL SELECT 'superuser' FROM pg_roles WHERE rolname = current_user AND rolsuper",
        )?;
        let extensions = session.query(
            "SELECT extname, nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace",
        )?;
        let target = session.target();
        let server = format!("{}:{}", target.host(), target.port());
        // A managed service may forbid it; then the address has to do.
        let identity = session.query_one("SELECT system_identifier FROM pg_control_system()");
        Ok(Self {
            identity: identity.map_or_else(|_| server.clone(), |row| row.text(0).to_owned()),
            server,
            database: row.text(0).to_owned(),
            user: row.text(1).to_owned(),
            version: row.text(2).to_owned(),
            standby: row.is_true(3),
            major: session.major(),
            roles: roles.iter().map(|row| row.text(0).to_owned()).collect(),
            extensions: extensions
                .iter()
                .map(|row| (row.text(0).to_owned(), row.text(1).to_owned()))
                .collect(),
            connect_seconds: 0.0,
        })
    }

    /// Whether who asks has the rights of this predefined role.
    pub(crate) fn has(&self, role: &str) -> bool {
        self.roles.contains("superuser") || self.roles.contains(role)
    }
}
