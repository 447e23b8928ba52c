//! Whether a target may and can take a snapshot: looked at before anything is changed, and made ready.

use super::observer::{Fact, Observer};
use super::replay::Choice;
use crate::error::{Context as _, Error, Result};
use crate::format::manifest::{Manifest, Role};
use crate::name::{ident, literal};
use crate::pg::archive::{Contents, Spelling};
use crate::pg::catalog;
use crate::pg::session::Session;
use crate::pg::target::Target;
use std::collections::BTreeSet;

mod adapt;

/// What the user allowed.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Welcome<'a> {
    /// The database.
    pub target: &'a Target,
    /// `--create`.
    pub create: bool,
    /// `--clean`.
    pub clean: bool,
    /// `--if-exists`.
    pub if_exists: bool,
    /// `--force`.
    pub force: bool,
    /// `--create-roles`.
    pub create_roles: bool,
    /// What of the schema is left out.
    pub spelling: Spelling,
    /// Whether the cluster is a private one: it is given the tablespaces that it lacks, in its own directory, and a locale
    /// that the host lacks gives way to C, which is told.
    pub adapt: bool,
    /// `--role`.
    pub role: Option<&'a str>,
    /// Whether to stop.
    pub stop: fn() -> bool,
}

impl Welcome<'_> {
    /// Looks at the target, then makes roles and the database where that was asked for.
    pub fn prepare(
        &self,
        manifest: &Manifest,
        contents: &Contents,
        choice: &Choice,
        observer: &dyn Observer,
    ) -> Result<()> {
        if self.create {
            // A private cluster has a `postgres` of its own, which gives way to that of the source.
            let name = self.target.database();
            let beside = if self.adapt && name == "postgres" { "template1" } else { "postgres" };
            let mut session = self.session(&self.target.with_database(beside))?;
            self.server(&mut session, manifest, contents, observer)?;
            if self.adapt {
                adapt::make_way(&mut session, name)?;
            }
            return self.create(&mut session, manifest, contents, observer);
        }
        let mut session = self.session(self.target)?;
        self.not_the_source(&mut session, manifest)?;
        self.server(&mut session, manifest, contents, observer)?;
        self.encoding(&mut session, manifest)?;
        if self.clean || self.force {
            return Ok(());
        }
        if choice.is_everything() { empty(&mut session) } else { choice.absent(&mut session, contents) }
    }

    fn session(&self, target: &Target) -> Result<Session> {
        let mut session = Session::open(target)?;
        session.stop_when(self.stop)?;
        session.pin_for_writing()?;
        if let Some(role) = self.role {
            session.execute(&format!("SET ROLE {}", ident(role)))?;
        }
        Ok(session)
    }

    /// What holds for the whole server: its version, roles, extensions.
    fn server(
        &self,
        session: &mut Session,
        manifest: &Manifest,
        contents: &Contents,
        observer: &dyn Observer,
    ) -> Result<()> {
        let version: u32 = session.query_one("SELECT current_setting('server_version_num')")?.number(0)?;
        let (ours, theirs) = (manifest.source.server_version_num / 10_000, version / 10_000);
        if theirs < ours {
            return Err(Error::failed(
                "older_server",
                format!("the target is PostgreSQL {theirs}, the snapshot is of PostgreSQL {ours}"),
            )
            .hint("restore into the same or a newer major version"));
        }
        if session.query_one("SELECT pg_catalog.pg_is_in_recovery()")?.is_true(0) {
            return Err(Error::failed("standby", "the target is a standby, which takes no writes"));
        }
        Self::extensions(session, manifest, observer)?;
        self.roles(session, manifest, contents)?;
        self.tablespaces(session, manifest, contents)
    }

    fn tablespaces(&self, session: &mut Session, manifest: &Manifest, contents: &Contents) -> Result<()> {
        if self.spelling.no_tablespaces {
            return Ok(());
        }
        let rows = session.query("SELECT spcname FROM pg_catalog.pg_tablespace")?;
        let there: BTreeSet<&str> = rows.iter().map(|row| row.text(0)).collect();
        let wanted: BTreeSet<&str> =
            contents.entries.iter().filter_map(|entry| entry.tablespace.as_deref()).collect();
        let missing: Vec<_> =
            wanted.into_iter().filter(|name| !name.is_empty() && !there.contains(name)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        if self.adapt {
            return adapt::make_tablespaces(session, manifest, &missing);
        }
        let names = missing.iter().map(|name| ident(name)).collect::<Vec<_>>().join(", ");
        Err(Error::refused("tablespace_missing", format!("the target lacks the tablespaces {names}"))
            .hint("create them, or say --no-tablespaces"))
    }

    fn extensions(session: &mut Session, manifest: &Manifest, observer: &dyn Observer) -> Result<()> {
        let rows = session.query("SELECT name, default_version FROM pg_catalog.pg_available_extensions")?;
        let mut missing = Vec::new();
        for extension in &manifest.extensions {
            match rows.iter().find(|row| row.text(0) == extension.name) {
                None => missing.push(extension.name.as_str()),
                Some(row) if row.text(1) != extension.version => observer.note(Fact::Warning {
                    code: "extension_version",
                    message: format!(
                        "extension {} is version {} in the snapshot, the target installs {}",
                        ident(&extension.name),
                        extension.version,
                        row.text(1)
                    ),
                }),
                Some(_) => {}
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::failed(
            "extension_missing",
            format!("the target lacks the extensions {}", missing.join(", ")),
        )
        .hint("install their packages on the target's host"))
    }

    fn roles(&self, session: &mut Session, manifest: &Manifest, contents: &Contents) -> Result<()> {
        let there: BTreeSet<String> = catalog::roles(session)?.into_iter().map(|role| role.name).collect();
        let missing: Vec<&Role> = manifest.roles.iter().filter(|role| !there.contains(&role.name)).collect();
        if self.create_roles {
            return create_roles(session, &missing);
        }
        let owners: BTreeSet<&str> = contents.entries.iter().map(|entry| entry.owner.as_str()).collect();
        let lacking: Vec<_> =
            missing.iter().map(|role| role.name.as_str()).filter(|name| owners.contains(name)).collect();
        if self.spelling.no_owner || lacking.is_empty() {
            return Ok(());
        }
        let names = lacking.iter().map(|name| ident(name)).collect::<Vec<_>>().join(", ");
        Err(Error::refused("role_missing", format!("the target lacks roles that own something: {names}"))
            .hint("--create-roles makes them, --no-owner does without (then --no-privileges helps, too)"))
    }

    fn encoding(&self, session: &mut Session, manifest: &Manifest) -> Result<()> {
        let found = session.parameter("server_encoding").unwrap_or_default().to_owned();
        if found == manifest.source.encoding || self.force {
            return Ok(());
        }
        Err(Error::refused(
            "encoding",
            format!("the target's encoding is {found}, the snapshot's is {}", manifest.source.encoding),
        )
        .hint("--create makes a database of the right encoding; --force lets the server convert"))
    }

    fn not_the_source(&self, session: &mut Session, manifest: &Manifest) -> Result<()> {
        if self.force {
            return Ok(());
        }
        // Where it may not be read, the comparison of the databases' content has to do.
        let identifier = match catalog::system(session) {
            Ok((identifier, _)) => identifier,
            Err(error) if error.code() == "permission_denied" => return Ok(()),
            Err(error) => return Err(error),
        };
        let oid: u32 = session
            .query_one("SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()")?
            .number(0)?;
        if identifier != manifest.source.system_identifier || oid != manifest.source.database_oid {
            return Ok(());
        }
        Err(Error::refused("is_source", "the target is the very database that the snapshot was taken of")
            .hint("name another database, or --clean --if-exists --force to put the snapshot in its place"))
    }

    fn create(
        &self,
        session: &mut Session,
        manifest: &Manifest,
        contents: &Contents,
        observer: &dyn Observer,
    ) -> Result<()> {
        let name = self.target.database();
        if self.clean {
            let exists = format!("SELECT FROM pg_catalog.pg_database WHERE datname = {}", literal(name));
            if !session.query(&exists)?.is_empty() {
                if !self.force {
                    self.not_the_source(&mut self.session(self.target)?, manifest)?;
                }
                session.execute(&format!("DROP DATABASE {}", ident(name)))?;
            } else if !self.if_exists {
                return Err(Error::failed(
                    "no_database",
                    format!("there is no database {} to drop", ident(name)),
                )
                .hint("--if-exists does not mind"));
            }
        }
        for entry in contents.database().filter(|entry| self.spelling.wants(entry)) {
            for statement in self.spelling.statements(entry, session.major()) {
                let statement = renamed(&statement, &manifest.source.database, name);
                match session.execute(&statement) {
                    Err(error) if self.adapt && adapt::lacks_locale(&error) => {
                        adapt::create_without_locale(session, &statement, &error, observer)
                    }
                    made => made,
                }
                .context(|| format!("cannot make {}", entry.describe()))?;
            }
        }
        // A database that is made has a schema `public`, and pg_dump does not tell of its absence.
        if manifest.source.schemas.iter().any(|schema| schema == "public") {
            return Ok(());
        }
        self.session(self.target)?.execute("DROP SCHEMA public")
    }
}

/// `statement` about database `from`, for database `to`.
fn renamed(statement: &str, from: &str, to: &str) -> String {
    let to = format!("DATABASE {}", ident(to));
    let bare = from.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let statement = statement.replace(&format!("DATABASE {}", ident(from)), &to);
    if !bare {
        return statement;
    }
    let bare = format!("DATABASE {from}");
    let mut out = String::new();
    let mut rest = statement.as_str();
    while let Some(at) = rest.find(&bare) {
        let (head, tail) = rest.split_at(at);
        let tail = tail.get(bare.len()..).unwrap_or_default();
        out.push_str(head);
        let whole = tail.starts_with([' ', ';']);
        out.push_str(if whole { &to } else { &bare });
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn empty(session: &mut Session) -> Result<()> {
    let rows = session.query(include_str!("../pg/sql/target_objects.sql"))?;
    if rows.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = rows.iter().take(3).map(|row| row.text(0)).collect();
    Err(Error::refused("not_empty", "the target is not empty")
        .cause(format!(
            "it has {}, such as {}",
            crate::records::human::plural(rows.len() as u64, "object"),
            names.join(", ")
        ))
        .hint("restore into a new database (--create), or say --clean --if-exists, or --force"))
}

fn create_roles(session: &mut Session, roles: &[&Role]) -> Result<()> {
    for role in roles {
        let what = || format!("cannot create role {}", ident(&role.name));
        let mut parts = vec![format!("CREATE ROLE {}", ident(&role.name)), role.attributes.join(" ")];
        if let Some(password) = &role.password {
            parts.push(format!("PASSWORD {}", literal(password)));
        }
        if let Some(until) = &role.valid_until {
            parts.push(format!("VALID UNTIL {}", literal(until)));
        }
        session.execute(&parts.join(" ")).context(what)?;
        if let Some(comment) = &role.comment {
            session
                .execute(&format!("COMMENT ON ROLE {} IS {}", ident(&role.name), literal(comment)))
                .context(what)?;
        }
        for setting in &role.settings {
            session.execute(&set(&format!("ALTER ROLE {}", ident(&role.name)), setting)).context(what)?;
        }
    }
    for role in roles {
        for membership in &role.memberships {
            session
                .execute(membership)
                .context(|| format!("cannot make role {} a member", ident(&role.name)))?;
        }
    }
    Ok(())
}

/// `ALTER … SET name TO value`, for a `name=value` of the catalogs.
fn set(alter: &str, setting: &str) -> String {
    let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
    format!("{alter} SET {} TO {}", name.split('.').map(ident).collect::<Vec<_>>().join("."), literal(value))
}

#[cfg(test)]
mod tests {
    use super::renamed;

    #[test]
    fn a_database_is_renamed_quoted_or_not_and_nothing_else_is() {
        assert_eq!(renamed("CREATE DATABASE shop WITH x", "shop", "copy"), "CREATE DATABASE \"copy\" WITH x");
        assert_eq!(renamed("ALTER DATABASE \"My Shop\" SET a", "My Shop", "b"), "ALTER DATABASE \"b\" SET a");
        assert_eq!(renamed("ALTER DATABASE shop2 SET a", "shop", "b"), "ALTER DATABASE shop2 SET a");
    }
}
