//! What A and B may mean: a snapshot or a live database.

use super::live::{Live, Wanted, not_itself};
use super::names::Patterns;
use super::sheet::Sheet;
use super::stored::Stored;
use common::error::{Error, Result};
use common::format::manifest::Source;
use common::pg::target::{ConnectOptions, Target};

/// What a word means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    /// The snapshot in the records on stdin.
    Records,
    /// A snapshot's name.
    Snapshot(String),
    /// A database: a name, a `key=value` string or a URI.
    Database(String),
}

/// A side.
pub(crate) enum Side {
    /// A snapshot.
    Stored(Box<Stored>),
    /// A live database.
    Live(Box<Live>),
}

impl Meant {
    /// `db:` and `snap:` say it, and no connection string begins with `latest:`; else such a string is a database, and so is a
    /// name that no snapshot could have.
    pub(crate) fn parse(word: &str) -> Self {
        if word == "-" {
            return Self::Records;
        }
        if let Some(name) = word.strip_prefix("snap:") {
            return Self::Snapshot(name.to_owned());
        }
        if let Some(connection) = word.strip_prefix("db:") {
            return Self::Database(connection.to_owned());
        }
        let connection = word.contains('=') || word.contains("://");
        let latest = word == "latest" || word.starts_with("latest:");
        // Snapshots are named by their time, such as 20261120T104217.512Z-3f9a1c.
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let rest = word.get(digits..).unwrap_or_default();
        let time = digits > 0 && (rest.is_empty() || (digits == 8 && rest.starts_with('T')));
        if latest || (time && !connection) {
            Self::Snapshot(word.to_owned())
        } else {
            Self::Database(word.to_owned())
        }
    }
}

/// The database that `connection` and the environment name.
pub(crate) fn target(connection: &str) -> Result<Target> {
    if connection.is_empty() {
        return Err(Error::usage("an empty word names no database").hint("is it a variable that is not set?"));
    }
    let options = ConnectOptions { dbname: Some(connection.to_owned()), ..ConnectOptions::default() };
    Ok(Target::resolve(&options)?.with_application_name("pgverify"))
}

/// What was found for a side, before it was looked at.
pub(crate) enum Found {
    /// A snapshot.
    Stored(Box<Stored>),
    /// The way to a database.
    Live(Box<Target>),
}

/// Looks at both sides, under the same selection.
pub(crate) fn open(a: Found, b: Found, asked: &Patterns) -> Result<(Side, Side)> {
    let live = |target: &Target, held: Option<&Patterns>| Live::open(target, &Wanted { asked, held });
    let held = |stored: &Stored| Patterns::parse(&stored.manifest.selection);
    let sides = match (a, b) {
        (Found::Live(a), Found::Live(b)) => {
            let (a, b) = (live(&a, None)?, live(&b, None)?);
            not_itself(&a, &b)?;
            (Side::Live(Box::new(a)), Side::Live(Box::new(b)))
        }
        (Found::Stored(mut stored), Found::Live(target)) => {
            let live = live(&target, Some(&held(&stored)?))?;
            stored.narrow(asked, Some(&live.path));
            (Side::Stored(stored), Side::Live(Box::new(live)))
        }
        (Found::Live(target), Found::Stored(mut stored)) => {
            let live = live(&target, Some(&held(&stored)?))?;
            stored.narrow(asked, Some(&live.path));
            (Side::Live(Box::new(live)), Side::Stored(stored))
        }
        (Found::Stored(mut a), Found::Stored(mut b)) => {
            if a.manifest.id == b.manifest.id {
                let what = format!("this compares snapshot {} with itself", a.manifest.id);
                return Err(Error::usage(what).hint("name two snapshots, or a snapshot and a database"));
            }
            a.narrow(asked, None);
            b.narrow(asked, None);
            (Side::Stored(a), Side::Stored(b))
        }
    };
    asked.all_matched()?;
    Ok(sides)
}

impl Side {
    /// What it has.
    pub(crate) fn sheet(&self) -> &Sheet {
        match self {
            Self::Stored(stored) => &stored.sheet,
            Self::Live(live) => &live.sheet,
        }
    }

    /// Where its rows come from.
    pub(crate) fn source(&self) -> &Source {
        match self {
            Self::Stored(stored) => &stored.manifest.source,
            Self::Live(live) => &live.source,
        }
    }

    /// Its snapshot.
    pub(crate) fn stored(&self) -> Option<&Stored> {
        match self {
            Self::Stored(stored) => Some(stored),
            Self::Live(_) => None,
        }
    }

    /// Its database.
    pub(crate) fn live(&self) -> Option<&Live> {
        match self {
            Self::Stored(_) => None,
            Self::Live(live) => Some(live),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Meant::{self, Database, Records, Snapshot};

    #[test]
    fn words_mean_snapshots_or_databases() {
        let snapshot =
            |word: &str| Meant::parse(word) == Snapshot(word.trim_start_matches("snap:").to_owned());
        for word in [
            "latest",
            "latest:shop",
            "latest:a=b",
            "2026",
            "20261120T10",
            "20261120T104217.512Z-3f9a1c",
            "snap:shop",
        ] {
            assert!(snapshot(word), "{word}");
        }
        for word in ["shop", "2shop", "dbname=latest", "postgresql:///2026", "latest_shop", "202611T"] {
            assert_eq!(Meant::parse(word), Database(word.to_owned()));
        }
        assert_eq!(Meant::parse("db:latest"), Database("latest".to_owned()));
        assert_eq!(Meant::parse("-"), Records);
    }
}
