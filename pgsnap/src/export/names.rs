//! File names for tables, whatever the tables are called: different ones for different tables, also where case does not count.

use common::name::QualifiedName;
use common::pg::text;
use std::collections::HashSet;
use std::fmt::Write as _;

/// A longer name is cut, and told apart by its hash. File systems take 255 bytes.
const LONGEST: usize = 200;

/// Names that were given so far.
#[derive(Default)]
pub(super) struct Names(HashSet<String>);

impl Names {
    /// The name of the file of `table`, with that ending.
    pub(super) fn of(&mut self, table: &QualifiedName, ending: &str) -> String {
        let mut stem = format!("{}.{}", escaped(&table.schema), escaped(&table.name));
        if stem.len() > LONGEST {
            let hash = blake3::hash(stem.as_bytes()).to_hex();
            stem.truncate(LONGEST);
            let _ = write!(stem, "~{}", hash.get(..16).unwrap_or_default());
        }
        let mut name = format!("{stem}.{ending}");
        // No escaped name has a tilde.
        for number in 2.. {
            if self.0.insert(name.to_ascii_lowercase()) {
                break;
            }
            name = format!("{stem}~{number}.{ending}");
        }
        name
    }
}

/// Every byte that is no letter, digit, `_` or `-` as `%` and two digits.
fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for byte in text::encode(name) {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_give_different_files() {
        let mut names = Names::default();
        let mut of = |schema: &str, name: &str| names.of(&QualifiedName::new(schema, name), "csv");
        assert_eq!(of("public", "orders"), "public.orders.csv");
        assert_eq!(of("public", "Orders"), "public.Orders~2.csv");
        assert_eq!(of("public", "Orders~2"), "public.Orders%7E2.csv");
        assert_eq!(of("a.b", "c"), "a%2Eb.c.csv");
        assert_eq!(of("a", "b.c"), "a.b%2Ec.csv");
        assert_eq!(of("..", "/etc/\u{e9}\n"), "%2E%2E.%2Fetc%2F%C3%A9%0A.csv");
        let long = "\u{1F418}".repeat(15);
        let (one, other) = (of(&long, &long), of(&long, &format!("{long}x")));
        assert_ne!(one, other);
        assert!(one.len() < 230 && other.len() < 230, "{one}");
    }
}
