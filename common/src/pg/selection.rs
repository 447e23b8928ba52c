//! Which relations a selection means, in pg_dump's words and patterns.
//!
//! A pattern is matched by the server, as psql and pg_dump do it (`patternToSQLRegex`), so that collation and
//! visibility are the server's. A pattern that matches nothing is an error.

use super::catalog::Relation;
use super::session::Session;
use crate::error::{Error, Result};
use crate::format::manifest::Selection;
use crate::name::literal;
use std::collections::HashSet;

/// The OIDs that the patterns of a selection match.
#[derive(Debug, Default)]
pub struct Chosen {
    schemas: HashSet<String>,
    exclude_schemas: HashSet<String>,
    tables: Option<HashSet<u32>>,
    exclude_tables: HashSet<u32>,
    exclude_table_data: HashSet<u32>,
    only_schemas: bool,
    left_out: HashSet<u32>,
}

impl Chosen {
    /// Matches the patterns under the user's own `search_path`.
    pub fn resolve(session: &mut Session, selection: &Selection, search_path: &str) -> Result<Self> {
        session.execute(&format!(
            "SELECT pg_catalog.set_config('search_path', {}, false)",
            literal(search_path)
        ))?;
        let chosen = Self {
            schemas: names(session, "-n", &selection.schemas)?,
            exclude_schemas: names(session, "-N", &selection.exclude_schemas)?,
            tables: match selection.tables.as_slice() {
                [] => None,
                patterns => Some(oids(session, "-t", patterns)?),
            },
            exclude_tables: oids(session, "-T", &selection.exclude_tables)?,
            exclude_table_data: oids(session, "--exclude-table-data", &selection.exclude_table_data)?,
            only_schemas: !selection.schemas.is_empty(),
            left_out: HashSet::new(),
        };
        session.execute("SELECT pg_catalog.set_config('search_path', '', false)")?;
        Ok(chosen)
    }

    /// Leaves these relations out as well, for reasons that are not the selection's.
    pub fn leave_out(&mut self, oids: impl IntoIterator<Item = u32>) {
        self.left_out.extend(oids);
    }

    /// What [`Chosen::leave_out`] was told.
    pub fn left_out(self) -> HashSet<u32> {
        self.left_out
    }

    /// Whether pg_dump would dump this relation under the same options.
    pub fn wants(&self, relation: &Relation) -> bool {
        if self.left_out.contains(&relation.oid)
            || self.exclude_tables.contains(&relation.oid)
            || relation.temporary
        {
            return false;
        }
        if let Some(tables) = &self.tables {
            return tables.contains(&relation.oid);
        }
        let schema = &relation.name.schema;
        if self.exclude_schemas.contains(schema) {
            return false;
        }
        if self.only_schemas {
            return self.schemas.contains(schema);
        }
        relation.extension.is_none() || relation.configuration
    }

    /// The OIDs of all that pg_dump would dump. A sequence comes along with the table that owns it, an identity
    /// column's never without (pg_dump: `getOwnedSeqs`).
    pub fn of(&self, relations: &[Relation]) -> HashSet<u32> {
        let direct: HashSet<u32> =
            relations.iter().filter(|relation| self.wants(relation)).map(|relation| relation.oid).collect();
        let wanted = relations.iter().filter(|relation| match relation.owned_by {
            Some(owner) if direct.contains(&owner) => true,
            Some(_) if relation.identity => false,
            _ => direct.contains(&relation.oid),
        });
        wanted.map(|relation| relation.oid).collect()
    }

    /// Whether its rows were left out on purpose.
    pub fn leaves_out_rows(&self, relation: &Relation) -> bool {
        self.exclude_table_data.contains(&relation.oid)
    }

    /// Whether it is the whole database.
    pub fn is_everything(&self) -> bool {
        self.tables.is_none() && !self.only_schemas
    }
}

fn names(session: &mut Session, option: &str, patterns: &[String]) -> Result<HashSet<String>> {
    let mut names = HashSet::new();
    for pattern in patterns {
        let parts = regexes(pattern);
        let [name] = parts.as_slice() else {
            return Err(Error::usage(format!("{option} {pattern:?} is not the name of a schema")));
        };
        let rows = session.query(&format!(
            "SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.~) {} COLLATE pg_catalog.\"default\"",
            literal(name)
        ))?;
        if rows.is_empty() {
            return Err(nothing(option, pattern, "schema"));
        }
        names.extend(rows.iter().map(|row| row.text(0).to_owned()));
    }
    Ok(names)
}

fn oids(session: &mut Session, option: &str, patterns: &[String]) -> Result<HashSet<u32>> {
    let mut oids = HashSet::new();
    for pattern in patterns {
        let parts = regexes(pattern);
        let (schema, name) = match parts.as_slice() {
            [name] => (None, name),
            [schema, name] => (Some(schema), name),
            _ => return Err(Error::usage(format!("{option} {pattern:?} has too many dots"))),
        };
        let place = match schema {
            Some(schema) => {
                format!("n.nspname OPERATOR(pg_catalog.~) {} COLLATE pg_catalog.\"default\"", literal(schema))
            }
            None => "pg_catalog.pg_table_is_visible(c.oid)".to_owned(),
        };
        let rows = session.query(&format!(
            "SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'S', 'v', 'm', 'f', 'p') AND {place} \
             AND c.relname OPERATOR(pg_catalog.~) {} COLLATE pg_catalog.\"default\"",
            literal(name)
        ))?;
        if rows.is_empty() {
            return Err(nothing(option, pattern, "table"));
        }
        for row in rows {
            oids.insert(row.number(0)?);
        }
    }
    Ok(oids)
}

fn nothing(option: &str, pattern: &str, kind: &str) -> Error {
    Error::failed("nothing_matches", format!("{option} {pattern:?} matches no {kind}"))
        .hint("names are folded to lower case unless in double quotes; * and ? are wildcards")
}

/// The regular expressions of a pattern's parts, between unquoted dots.
fn regexes(pattern: &str) -> Vec<String> {
    let mut parts = vec![String::from("^(")];
    let mut quoted = false;
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        let Some(part) = parts.last_mut() else { break };
        match character {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => part.push('"'),
            '"' => quoted = !quoted,
            '.' if !quoted => {
                part.push_str(")$");
                parts.push(String::from("^("));
            }
            '*' if !quoted => part.push_str(".*"),
            '?' if !quoted => part.push('.'),
            '$' => part.push_str("\\$"),
            '[' if characters.peek() == Some(&']') => part.push_str("\\["),
            special if quoted && "|*+?()[]{}.^\\".contains(special) => part.extend(['\\', special]),
            other if quoted => part.push(other),
            other => part.extend(other.to_lowercase()),
        }
    }
    if let Some(part) = parts.last_mut() {
        part.push_str(")$");
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::regexes;

    #[test]
    fn patterns_are_read_as_psql_reads_them() {
        assert_eq!(regexes("Orders"), ["^(orders)$"]);
        assert_eq!(regexes("\"Orders\".a*"), ["^(Orders)$", "^(a.*)$"]);
        assert_eq!(regexes("\"a.b\"\"c\""), ["^(a\\.b\"c)$"]);
        assert_eq!(regexes("t?_[0-9]$"), ["^(t._[0-9]\\$)$"]);
    }
}
