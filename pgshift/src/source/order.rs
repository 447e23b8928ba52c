//! How versions are compared, and that none is there twice.

use super::{Migration, MigrationKind};
use common::error::{Class, Error, Result};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A number as digits, without leading zeros; it may be longer than any integer.
pub(crate) fn number(digits: &str) -> &str {
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() { digits.get(..1).unwrap_or_default() } else { significant }
}

/// Compares digits as numbers.
pub(crate) fn numeric(one: &str, other: &str) -> Ordering {
    let (one, other) = (number(one), number(other));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// Compares numbers joined by dots part by part; a part that is missing is zero.
pub(crate) fn dotted(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.split('.'), other.split('.'));
    loop {
        let (left, right) = (one.next(), other.next());
        if left.is_none() && right.is_none() {
            return Ordering::Equal;
        }
        let order = numeric(left.unwrap_or("0"), right.unwrap_or("0"));
        if order.is_ne() {
            return order;
        }
    }
}

/// Numbers joined by dots, each without leading zeros, and without zeros at the end.
pub(crate) fn dotted_number(version: &str) -> String {
    let mut parts: Vec<&str> = version.split('.').map(number).collect();
    while parts.len() > 1 && parts.last() == Some(&"0") {
        parts.pop();
    }
    parts.join(".")
}

/// Splits what stands in front of the first character that is no digit.
pub(crate) fn digits(name: &str) -> Option<(&str, &str)> {
    let end = name.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(name.len());
    (end > 0).then(|| name.split_at(end))
}

/// `12_some name` taken apart.
pub(crate) fn numbered(stem: &str) -> Option<(&str, &str)> {
    let (version, rest) = digits(stem)?;
    Some((version, rest.strip_prefix('_')?))
}

/// Refuses migrations of which two have the same version.
pub(crate) fn refuse_repeated(migrations: &[Migration]) -> Result<()> {
    refuse_repeated_by(migrations, |migration| migration.version.clone())
}

/// The same, where `same` gives what two spellings of one version have in common.
pub(crate) fn refuse_repeated_by(
    migrations: &[Migration],
    same: impl Fn(&Migration) -> String,
) -> Result<()> {
    let mut seen: BTreeMap<(String, bool, bool), &Migration> = BTreeMap::new();
    let mut error: Option<Error> = None;
    for migration in migrations {
        let key = (
            same(migration),
            migration.kind == MigrationKind::Repeatable,
            migration.kind == MigrationKind::Baseline,
        );
        let Some(first) = seen.insert(key, migration) else { continue };
        let cause =
            format!("{}: {} and {}", migration.version, first.up.path.display(), migration.up.path.display());
        let so_far = error
            .take()
            .unwrap_or_else(|| Error::new(Class::Conflict, "version_repeated", "a version is there twice"));
        error = Some(so_far.cause(cause).hint("give the later one a new version"));
    }
    error.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_compared_as_numbers_however_long() {
        assert_eq!(numeric("0010", "9"), Ordering::Greater);
        assert_eq!(numeric("007", "7"), Ordering::Equal);
        assert_eq!(numeric("99999999999999999999999", "100000000000000000000000"), Ordering::Less);
        assert_eq!((number("000"), number("0100")), ("0", "100"));
    }

    #[test]
    fn dotted_versions_are_compared_by_their_parts() {
        assert_eq!(dotted("1.10", "1.9"), Ordering::Greater);
        assert_eq!(dotted("2", "2.0.0"), Ordering::Equal);
        assert_eq!(dotted_number("01.2.0.0"), "1.2");
        assert_eq!(dotted_number("0"), "0");
    }
}
