//! What a private cluster is given instead of what its host lacks: tablespaces, locales.

use crate::error::{Context as _, Error, Result};
use crate::format::manifest::Manifest;
use crate::name::ident;
use crate::pg::session::Session;
use crate::pipeline::observer::{Fact, Observer};

/// Makes the tablespaces `missing` inside of the cluster's own directory.
///
/// `allow_in_place_tablespaces` came with 15 and with the minor releases of August 2022
/// (<https://www.postgresql.org/docs/release/14.5/>).
pub(super) fn make_tablespaces(session: &mut Session, manifest: &Manifest, missing: &[&str]) -> Result<()> {
    session
        .execute("SET allow_in_place_tablespaces = on")
        .context(|| "cannot make tablespaces in a private cluster".to_owned())?;
    for name in missing {
        let known = manifest.tablespaces.iter().find(|tablespace| tablespace.name == **name);
        let owner = known.map_or(String::new(), |tablespace| format!(" OWNER {}", ident(&tablespace.owner)));
        session
            .execute(&format!("CREATE TABLESPACE {}{owner} LOCATION \'\'", ident(name)))
            .context(|| format!("cannot make tablespace {}", ident(name)))?;
    }
    Ok(())
}

/// Drops a database that every new cluster has, if `name` is one: that of the source comes in its place.
pub(super) fn make_way(session: &mut Session, name: &str) -> Result<()> {
    if !["postgres", "template1"].contains(&name) {
        return Ok(());
    }
    let name = ident(name);
    for statement in [format!("ALTER DATABASE {name} IS_TEMPLATE false"), format!("DROP DATABASE {name}")] {
        session.execute(&statement).context(|| format!("cannot make way for database {name}"))?;
    }
    Ok(())
}

/// Whether a database could not be made because the host lacks its locale, or the server its provider.
pub(super) fn lacks_locale(error: &Error) -> bool {
    let message = error.to_string();
    matches!(error.sqlstate(), Some("42809" | "22023" | "0A000" | "XX000" | "58P01"))
        && ["locale", "ICU"].iter().any(|word| message.contains(word))
}

/// Makes it with the locale C, and says so.
pub(super) fn create_without_locale(
    session: &mut Session,
    statement: &str,
    error: &Error,
    observer: &dyn Observer,
) -> Result<()> {
    // pg_dump writes the encoding, then everything about locales, then the tablespace.
    let encoding = statement.find(" ENCODING = ").unwrap_or(0);
    let locale = [" LOCALE", " LC_COLLATE", " LC_CTYPE"].iter().filter_map(|word| {
        statement.get(encoding..).and_then(|tail| tail.find(word)).map(|at| encoding + at)
    });
    let Some(head) = locale.min().and_then(|at| statement.get(..at)) else { return Err(error.clone()) };
    session.execute(&format!("{head} LOCALE = 'C'"))?;
    observer.note(Fact::Warning {
        code: "locale_missing",
        message: format!(
            "this host lacks the database\'s locale, so the copy sorts text by its bytes: {error}"
        ),
    });
    Ok(())
}
