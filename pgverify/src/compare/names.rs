//! `-n -N -t -T`: pg_dump's patterns, matched here, because a snapshot has no server that could.
//!
//! As in psql: names fold to lower case outside of double quotes, `*` is anything, `?` one character, `[a-z]` one of a
//! set. A name without a schema means tables on the search path; where there is none, as between two snapshots, it
//! means tables of any schema. What psql passes on to regular expressions beyond that is refused.

use common::error::{Error, Result};
use common::format::manifest::Selection;
use common::name::QualifiedName;
use std::sync::atomic::{AtomicBool, Ordering};

/// One character of a pattern, or several.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Any,
    One,
    Set(bool, Vec<(char, char)>),
    Is(char),
}

/// One pattern.
#[derive(Debug)]
struct Pattern {
    option: &'static str,
    text: String,
    schema: Option<Vec<Token>>,
    name: Vec<Token>,
    matched: AtomicBool,
}

/// What was selected.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    schemas: Vec<Pattern>,
    exclude_schemas: Vec<Pattern>,
    tables: Vec<Pattern>,
    exclude_tables: Vec<Pattern>,
}

impl Patterns {
    /// The patterns of a selection.
    pub(crate) fn parse(selection: &Selection) -> Result<Self> {
        let all = |option, patterns: &[String], dots| {
            patterns.iter().map(|text| Pattern::parse(option, text, dots)).collect::<Result<Vec<_>>>()
        };
        Ok(Self {
            schemas: all("-n", &selection.schemas, 0)?,
            exclude_schemas: all("-N", &selection.exclude_schemas, 0)?,
            tables: all("-t", &selection.tables, 1)?,
            exclude_tables: all("-T", &selection.exclude_tables, 1)?,
        })
    }

    /// Whether nothing is left out.
    pub(crate) fn is_everything(&self) -> bool {
        self.schemas.is_empty()
            && self.tables.is_empty()
            && self.exclude_schemas.is_empty()
            && self.exclude_tables.is_empty()
    }

    /// Whether it is the whole database, perhaps without some tables: large objects belong to it.
    pub(crate) fn is_a_whole(&self) -> bool {
        self.schemas.is_empty() && self.tables.is_empty()
    }

    /// Whether a relation is selected; `path` is the search path.
    pub(crate) fn wants(&self, name: &QualifiedName, path: Option<&[String]>) -> bool {
        let schema = |patterns: &[Pattern]| any(patterns, |pattern| fits(&pattern.name, &name.schema));
        let table = |patterns: &[Pattern]| any(patterns, |pattern| pattern.means(name, path));
        let (included, excluded) = (schema(&self.schemas), schema(&self.exclude_schemas));
        let (named, barred) = (table(&self.tables), table(&self.exclude_tables));
        if barred {
            return false;
        }
        if !self.tables.is_empty() {
            return named;
        }
        !excluded && (self.schemas.is_empty() || included)
    }

    /// Whether everything in a schema is selected, not only tables that are named.
    pub(crate) fn wants_all_of(&self, schema: &str) -> bool {
        let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| fits(&pattern.name, schema));
        self.tables.is_empty()
            && !any(&self.exclude_schemas)
            && (self.schemas.is_empty() || any(&self.schemas))
    }

    /// Fails when a pattern has matched nothing so far.
    pub(crate) fn all_matched(&self) -> Result<()> {
        let all =
            self.schemas.iter().chain(&self.exclude_schemas).chain(&self.tables).chain(&self.exclude_tables);
        let Some(idle) = all.into_iter().find(|pattern| !pattern.matched.load(Ordering::Relaxed)) else {
            return Ok(());
        };
        let kind = if matches!(idle.option, "-n" | "-N") { "schema with a table" } else { "table" };
        let what = format!("{} {:?} matches no {kind} on either side", idle.option, idle.text);
        Err(Error::failed("nothing_matches", what)
            .hint("names are folded to lower case unless in double quotes; * and ? are wildcards"))
    }
}

/// Whether one of them matches. All are tried: each has to know whether it ever did.
fn any(patterns: &[Pattern], matches: impl Fn(&Pattern) -> bool) -> bool {
    patterns.iter().fold(false, |found, pattern| {
        let hit = matches(pattern);
        if hit {
            pattern.matched.store(true, Ordering::Relaxed);
        }
        found || hit
    })
}

impl Pattern {
    fn parse(option: &'static str, text: &str, dots: usize) -> Result<Self> {
        let mut parts = parts(option, text)?;
        if parts.len() > dots + 1 {
            return Err(Error::usage(format!("{option} {text:?} has too many dots")));
        }
        let name = parts.pop().unwrap_or_default();
        let matched = AtomicBool::new(false);
        Ok(Self { option, text: text.to_owned(), schema: parts.pop(), name, matched })
    }

    fn means(&self, name: &QualifiedName, path: Option<&[String]>) -> bool {
        let place = match (&self.schema, path) {
            (Some(schema), _) => fits(schema, &name.schema),
            (None, Some(path)) => path.contains(&name.schema),
            (None, None) => true,
        };
        place && fits(&self.name, &name.name)
    }
}

/// The parts of a pattern, between dots outside of quotes.
fn parts(option: &str, text: &str) -> Result<Vec<Vec<Token>>> {
    let mut parts = Vec::new();
    let mut part = Vec::new();
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => part.push(Token::Is('"')),
            '"' => quoted = !quoted,
            other if quoted => part.push(Token::Is(other)),
            '.' => parts.push(std::mem::take(&mut part)),
            '*' => part.push(Token::Any),
            '?' => part.push(Token::One),
            '[' => part.push(
                set(&mut characters)
                    .ok_or_else(|| Error::usage(format!("{option} {text:?} has a [ without its ]")))?,
            ),
            '|' | '+' | '(' | ')' | '{' | '}' | '^' | '\\' => {
                return Err(Error::usage(format!("{option} {text:?} is a regular expression"))
                    .hint("of patterns, *, ? and [a-z] are known; put other characters in double quotes"));
            }
            other => part.extend(other.to_lowercase().map(Token::Is)),
        }
    }
    parts.push(part);
    Ok(parts)
}

fn set(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Token> {
    let inverted = characters.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        match characters.next()? {
            ']' if !ranges.is_empty() => return Some(Token::Set(inverted, ranges)),
            first => {
                let mut ahead = characters.clone();
                match (ahead.next(), ahead.next()) {
                    (Some('-'), Some(last)) if last != ']' => {
                        ranges.push((first, last));
                        *characters = ahead;
                    }
                    _ => ranges.push((first, first)),
                }
            }
        }
    }
}

fn fits(pattern: &[Token], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    // Where the last `*` was, and how much of the name it has taken so far.
    let (mut at, mut place) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(&character) = name.get(place) {
        let hit = match pattern.get(at) {
            Some(Token::Any) => {
                star = Some((at, place));
                at += 1;
                continue;
            }
            Some(Token::One) => true,
            Some(Token::Is(own)) => *own == character,
            Some(Token::Set(inverted, ranges)) => {
                ranges.iter().any(|(first, last)| (*first..=*last).contains(&character)) != *inverted
            }
            None => false,
        };
        if hit {
            (at, place) = (at + 1, place + 1);
        } else if let Some((token, taken)) = star {
            star = Some((token, taken + 1));
            (at, place) = (token + 1, taken + 1);
        } else {
            return false;
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|token| *token == Token::Any)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, schema: &str, name: &str) -> bool {
        let selection = Selection { tables: vec![pattern.to_owned()], ..Selection::default() };
        let path = ["public".to_owned()];
        Patterns::parse(&selection).unwrap().wants(&QualifiedName::new(schema, name), Some(&path))
    }

    #[test]
    fn patterns_are_read_as_pg_dump_reads_them() {
        assert!(matches("Orders", "public", "orders") && !matches("Orders", "public", "Orders"));
        assert!(matches("\"Orders\"", "public", "Orders") && !matches("orders", "shop", "orders"));
        assert!(
            matches("shop.*", "shop", "x") && matches("*.a?c", "s", "abc") && !matches("*.a?c", "s", "abcc")
        );
        assert!(matches("t_[0-9]$", "public", "t_3$") && !matches("t_[^0-9]", "public", "t_3"));
        assert!(matches("a*b*c", "public", "aXbYbZc") && !matches("a*b*c", "public", "aXbYbZ"));
        assert!(matches("\"a.b\"\"c\"", "public", "a.b\"c"));
    }

    #[test]
    fn what_matched_nothing_is_told() {
        let selection = Selection { exclude_tables: vec!["gone".to_owned()], ..Selection::default() };
        let patterns = Patterns::parse(&selection).unwrap();
        assert!(patterns.wants(&QualifiedName::new("public", "t"), None));
        assert_eq!(patterns.all_matched().unwrap_err().code(), "nothing_matches");
    }
}
