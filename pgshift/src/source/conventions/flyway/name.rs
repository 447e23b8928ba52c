//! What Flyway reads from a file's name.

use crate::source::directory::is_sql;
use crate::source::order;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    Versioned,
    Undo,
    Repeatable,
    Baseline,
}

/// A name taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) prefix: Prefix,
    /// Numbers between dots, each without leading zeros; empty for a repeatable one.
    pub(super) version: String,
    /// As it is written.
    pub(super) description: String,
}

impl Name {
    /// Takes `name` apart, which ends in `end`.
    pub(super) fn of(name: &str, end: &str) -> Option<Self> {
        let stem = name.strip_suffix(end)?;
        let rest = stem.get(1..)?;
        let prefix = match stem.as_bytes().first()? {
            b'V' => Prefix::Versioned,
            b'U' => Prefix::Undo,
            b'B' => Prefix::Baseline,
            b'R' => {
                let description = rest.strip_prefix("__").filter(|description| !description.is_empty())?;
                let (version, description) = (String::new(), description.to_owned());
                return Some(Self { prefix: Prefix::Repeatable, version, description });
            }
            _ => return None,
        };
        let (version, description) = rest.split_once("__").unwrap_or((rest, ""));
        let parts: Vec<&str> = version.split(['.', '_']).collect();
        let numbers =
            parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        let version = parts.into_iter().map(order::number).collect::<Vec<_>>().join(".");
        numbers.then(|| Self { prefix, version, description: description.to_owned() })
    }
}

/// Whether Flyway runs it at some event.
pub(super) fn is_callback(name: &str) -> bool {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let event = stem.split_once("__").map_or(stem, |(event, _)| event);
    let follows = |word: &str| {
        event
            .strip_prefix(word)
            .is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_uppercase()))
    };
    is_sql(name) && (follows("before") || follows("after") || event == "createSchema")
}

/// Whether it is a migration in another language.
pub(super) fn is_code(name: &str) -> bool {
    let ends = [".java", ".class", ".kt", ".groovy", ".py", ".sh", ".bash", ".ps1", ".cmd", ".bat"];
    ends.into_iter().any(|end| {
        Name::of(name, end)
            .is_some_and(|name| name.prefix == Prefix::Repeatable || !name.description.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(name: &str) -> Option<String> {
        Name::of(name, ".sql").map(|name| name.version)
    }

    #[test]
    fn versions_are_numbers_between_dots_or_underscores() {
        assert_eq!(version("V1__a.sql").as_deref(), Some("1"));
        assert_eq!(version("V01_2.003__a b.sql").as_deref(), Some("1.2.3"));
        assert_eq!(version("V2.sql").as_deref(), Some("2"));
        assert_eq!(version("V1_2a__x.sql"), None);
        assert_eq!(version("v1__a.sql"), None);
        assert_eq!(version("V__a.sql"), None);
    }

    #[test]
    fn callbacks_and_code_are_known() {
        assert!(is_callback("beforeMigrate.sql") && is_callback("afterEachMigrate__grants.sql"));
        assert!(!is_callback("beforehand.sql"));
        assert!(is_code("V3__Load.java") && is_code("R__views.py") && !is_code("Main.java"));
    }
}
