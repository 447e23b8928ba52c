//! A scratch database on somebody's server, for hosts that have no server programs.
//!
//! Its name is new, so nothing that is there can be meant by it; it is dropped with the value.

use common::error::{Context as _, Error, Result};
use common::name::ident;
use common::pg::session::Session;
use common::pg::target::{ConnectOptions, Target, child_removed};
use std::fmt::Write as _;
use std::process::Command;

/// What the names of all scratch databases begin with.
const PREFIX: &str = "pgverify_";

pub(super) struct Scratch {
    target: Target,
    stays: bool,
}

impl Scratch {
    pub(super) fn on(connection: &str, stop: fn() -> bool) -> Result<Self> {
        let options = ConnectOptions { dbname: Some(connection.to_owned()), ..ConnectOptions::default() };
        let server = Target::resolve(&options)?.with_application_name("pgverify").stop_when(stop);
        let name = format!("{PREFIX}{}", common::random_hex::<6>()?);
        // Without CREATEDB nothing else is worth the trouble.
        let mut session = Session::open(&server.with_database("postgres"))?;
        let may = "SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user";
        if !session.query_one(may)?.is_true(0) {
            let user = ident(server.user());
            return Err(Error::failed(
                "permission_denied",
                format!("user {user} may not create a scratch database on that server"),
            )
            .hint(format!("ALTER ROLE {user} CREATEDB, or leave out --server to use a private cluster")));
        }
        Ok(Self { target: session.target().with_database(&name), stays: false })
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    pub(super) fn lead(&self, command: &mut Command) {
        for name in child_removed() {
            command.env_remove(name);
        }
        let variables = self.target.child_environment();
        command.env("DATABASE_URL", url(&variables)).envs(variables);
    }

    pub(super) fn keep(mut self) {
        self.stays = true;
    }

    pub(super) fn remove(mut self) -> Result<()> {
        self.stays = true;
        self.drop_database()
    }

    fn drop_database(&self) -> Result<()> {
        let name = ident(self.target.database());
        // Whatever was asked to stop: this has to be done all the same.
        let mut session = Session::open(&self.target.with_database("postgres").stop_when(|| false))?;
        let force = if session.major() >= 13 { " WITH (FORCE)" } else { "" };
        session
            .execute(&format!("DROP DATABASE IF EXISTS {name}{force}"))
            .context(|| format!("cannot drop the scratch database {name}"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.stays {
            // There is an error already that is told; the name tells whose the database is.
            let _ = self.drop_database();
        }
    }
}

/// A URI of what libpq's variables say.
fn url(variables: &[(String, String)]) -> String {
    let of =
        |name: &str| variables.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let password = match of("PGPASSWORD") {
        "" => String::new(),
        password => format!(":{}", encoded(password)),
    };
    format!(
        "postgresql://{}{password}@/{}?host={}&port={}&sslmode={}",
        encoded(of("PGUSER")),
        encoded(of("PGDATABASE")),
        encoded(of("PGHOST")),
        encoded(of("PGPORT")),
        encoded(of("PGSSLMODE")),
    )
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}
