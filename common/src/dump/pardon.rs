//! Which errors of the server say nothing about a dump, and which say nothing but about this machine.

use super::guard::begins;
use crate::error::{Class, Error};
use crate::name::ident;
use crate::sql::lexer::{Dialect, Kind, is, tokens};

/// Something that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pardon {
    /// DROP of what is not there, as `--clean` writes it.
    Drop,
    /// Something is there already in every cluster: the first superuser, the schema `public`.
    Exists(String),
    /// A setting of a newer server.
    Setting(String),
    /// This machine has not the locale.
    Locale(String),
}

/// Whether `error` of `statement` is passed over in an empty cluster.
pub(super) fn of(error: &Error, statement: &[u8], dialect: Dialect) -> Option<Pardon> {
    let first = |words: &[&str]| begins(statement, words, dialect);
    let message = &error.server_error()?.message;
    match error.sqlstate()? {
        "42P01" | "42703" | "42704" | "42883" | "3F000" | "3D000"
            if first(&["drop"])
                || statement.starts_with(b"SELECT pg_catalog.lo_unlink(")
                || (first(&["alter"]) && drops(statement, dialect)) =>
        {
            Some(Pardon::Drop)
        }
        // pg_dumpall --clean would drop the one who restores.
        "55006" | "2BP01" if first(&["drop", "role"]) => Some(Pardon::Drop),
        "42710" if first(&["create", "role"]) || first(&["create", "user"]) => {
            Some(Pardon::Exists(message.clone()))
        }
        "42P06" if message == "schema \"public\" already exists" => Some(Pardon::Exists(message.clone())),
        "42704" if first(&["set"]) && message.starts_with("unrecognized configuration parameter") => {
            Some(Pardon::Setting(message.clone()))
        }
        _ => None,
    }
}

/// `ALTER … DROP …`: a constraint or a default.
fn drops(statement: &[u8], dialect: Dialect) -> bool {
    tokens(statement, dialect).any(|(kind, token)| kind == Kind::Word && is(token, "drop"))
}

/// The statement that makes what `error` misses of the cluster.
pub(super) fn lacking(error: &Error) -> Option<String> {
    let server = error.server_error()?;
    let said = [Some(&server.message), server.detail.as_ref()];
    said.into_iter().flatten().find_map(|said| {
        let (what, name) = said.split_once(" \"")?;
        let name =
            name.strip_suffix("\" does not exist").or_else(|| name.strip_suffix("\" does not exist."))?;
        match what {
            "role" => Some(format!("CREATE ROLE {} NOLOGIN", ident(name))),
            "tablespace" | "Tablespace" => {
                let make = format!("CREATE TABLESPACE {} LOCATION ''", ident(name));
                Some(make)
            }
            _ => None,
        }
    })
}

/// What a statement has to be in a private cluster: tablespaces lie in its own directory.
pub(super) fn for_a_sandbox(statement: &[u8], dialect: Dialect) -> Option<Vec<u8>> {
    if !begins(statement, &["create", "tablespace"], dialect) {
        return None;
    }
    let mut rewritten = Vec::new();
    let mut location = false;
    for (kind, token) in tokens(statement, dialect) {
        match kind {
            Kind::String if location => rewritten.extend_from_slice(b"''"),
            _ => rewritten.extend_from_slice(token),
        }
        if !matches!(kind, Kind::Space | Kind::Comment) {
            location = kind == Kind::Word && is(token, "location");
        }
    }
    Some(rewritten)
}

/// CREATE DATABASE with the locale C, when `error` says that this machine has not its own.
pub(super) fn without_locale(error: &Error, statement: &[u8]) -> Option<Vec<u8>> {
    let text = error.to_string();
    let lacks = matches!(error.sqlstate(), Some("42809" | "22023" | "0A000" | "XX000" | "58P01"))
        && ["locale", "ICU"].iter().any(|word| text.contains(word));
    if !lacks || !begins(statement, &["create", "database"], Dialect::default()) {
        return None;
    }
    // pg_dump writes the encoding, then everything about locales, then the tablespace.
    let find = |word: &str| memchr::memmem::find(statement, word.as_bytes());
    let at = [" LOCALE", " LC_COLLATE", " LC_CTYPE"].iter().filter_map(|word| find(word)).min()?;
    let mut shorter = statement.get(..at)?.to_vec();
    shorter.extend_from_slice(b" LC_COLLATE = 'C' LC_CTYPE = 'C'");
    Some(shorter)
}

/// A dump that a server does not take is the honest "no"; when this machine lacks something, nobody can tell.
pub(super) fn judge(error: Error) -> Error {
    if error.class() != Class::Failed || matches!(error.code(), "io" | "disk_full" | "protocol" | "random") {
        return error;
    }
    let text = error.to_string();
    let state = error.sqlstate().unwrap_or_default();
    if let Some(judged) = lacks(&text) {
        return error.code_is(judged.0).hint(judged.1);
    }
    // Resources, the operator, the system, the server itself.
    if ["53", "57", "58", "XX"].iter().any(|class| state.starts_with(class)) && state != "XX001" {
        return error;
    }
    error.class_is(Class::No).code_is("does_not_restore")
}

/// What this machine lacks, by the words of the server or of pg_restore; the way out.
pub(super) fn lacks(text: &str) -> Option<(&'static str, &'static str)> {
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if any(&["could not open extension control file", "is not available", "could not access file \"$libdir"])
        && any(&["extension", "$libdir"])
    {
        return Some((
            "extension_missing",
            "install the extension for this version of the server, and run it again",
        ));
    }
    if any(&[
        "must be loaded via shared_preload_libraries",
        "must be loaded via \"shared_preload_libraries\"",
    ]) {
        return Some(("extension_missing", "give the server the library: --set shared_preload_libraries=…"));
    }
    if any(&["does not support compression", "not built with zlib support", "unsupported version ("]) {
        return Some((
            "program_too_old",
            "install a pg_restore that is at least as new as the pg_dump, and built with its compression",
        ));
    }
    if any(&["No space left on device"]) {
        return Some(("disk_full", "free some space, or choose another directory with --work-dir"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ServerError;

    fn error(sqlstate: &str, message: &str) -> Error {
        Error::server(ServerError {
            sqlstate: sqlstate.into(),
            message: message.into(),
            ..ServerError::default()
        })
    }

    #[test]
    fn roles_and_tablespaces_are_made_whatever_their_names() {
        let lacks = |message: &str| lacking(&error("42704", message));
        assert_eq!(lacks("role \"a\"b\" does not exist"), Some("CREATE ROLE \"a\"\"b\" NOLOGIN".into()));
        assert_eq!(
            lacks("tablespace \"fast\" does not exist"),
            Some("CREATE TABLESPACE \"fast\" LOCATION ''".into())
        );
        assert_eq!(lacks("type \"x\" does not exist"), None);
        let rewritten = for_a_sandbox(b"CREATE TABLESPACE a OWNER b LOCATION '/x'", Dialect::default());
        assert_eq!(rewritten.as_deref(), Some(&b"CREATE TABLESPACE a OWNER b LOCATION ''"[..]));
    }

    #[test]
    fn a_bad_dump_is_a_no_and_a_poor_machine_is_not() {
        let class = |sqlstate: &str, message: &str| judge(error(sqlstate, message)).class();
        assert_eq!(class("42601", "syntax error"), Class::No);
        assert_eq!(class("23505", "duplicate key"), Class::No);
        assert_eq!(class("53100", "could not extend file"), Class::Failed);
        assert_eq!(class("0A000", "extension \"postgis\" is not available"), Class::Failed);
        assert_eq!(class("57P01", "terminating connection"), Class::Interrupted);
    }
}
