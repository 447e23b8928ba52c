//! From the catalogs' answers to objects.
//!
//! The columns of a query are the contract: `class`, `oid` and `kind` say what it is; `schema`, `name`, `part` and
//! `signature` make its name; `of_schema` and `of_name` say of what it is a part; `acl` and `base` become its
//! privileges. Every other column is a property by its own name, and NULL is the default, which is not said.

use super::object::{Properties, Words};
use super::queries::{QUERIES, fit};
use super::{Inventory, Object, privileges};
use crate::error::{Context as _, Result};
use crate::name::{QualifiedName, ident};
use crate::pg::session::{Row, Session};
use std::fmt::Write as _;

impl Inventory {
    /// Reads the database that `session` is in, under its pinned settings, in its transaction.
    ///
    /// It takes no lock. An object that is dropped meanwhile can make it fail, though hardly in the transaction of a
    /// snapshot whose tables are locked.
    pub fn read(session: &mut Session) -> Result<Self> {
        let major = session.major();
        // Which words are keywords differs between versions: so all names are quoted in what the server deparses.
        session.execute("SET quote_all_identifiers = on")?;
        let mut objects = Vec::new();
        let mut words = Words::default();
        for (what, sql) in QUERIES {
            session
                .each(&fit(sql, major), |names, row| {
                    objects.push(object(names, row, &mut words)?);
                    Ok(())
                })
                .context(|| format!("cannot read the {what} of the schema"))?;
        }
        session.execute("SET quote_all_identifiers = off")?;
        let mut inventory = Self { major, objects };
        inventory.sort();
        Ok(inventory)
    }

    pub(super) fn sort(&mut self) {
        self.objects.sort_unstable_by(|one, other| one.identity().cmp(&other.identity()));
    }
}

fn object(names: &[String], row: &Row, words: &mut Words) -> Result<Object> {
    let mut object = Object {
        kind: words.word(""),
        name: Box::default(),
        of: None,
        class: 0,
        oid: 0,
        properties: Properties::default(),
    };
    let (mut schema, mut name, mut part, mut signature, mut of_schema, mut of_name) = Default::default();
    let (mut owner, mut acl, mut base) = Default::default();
    let mut properties = Vec::new();
    for (index, column) in names.iter().enumerate() {
        let Some(value) = row.optional(index) else { continue };
        match column.as_str() {
            "class" => object.class = row.number(index)?,
            "oid" => object.oid = row.number(index)?,
            "kind" => object.kind = words.word(value),
            "schema" => schema = Some(value),
            "name" => name = Some(value),
            "part" => part = Some(value),
            "signature" => signature = Some(value),
            "of_schema" => of_schema = Some(value),
            "of_name" => of_name = Some(value),
            "acl" => acl = Some(value),
            "base" => base = Some(value),
            property => {
                if property == "owner" {
                    owner = Some(value);
                }
                let value = if TYPES.contains(&property) { plain_types(value) } else { value.to_owned() };
                properties.push((words.word(property), value.into()));
            }
        }
    }
    if let Some(acl) = acl {
        let changes = privileges::changes(acl, base, owner);
        properties.extend((!changes.is_empty()).then(|| (words.word("privileges"), changes.into())));
    }
    let whole = qualified(schema, name);
    object.name = match part {
        None => whole.clone(),
        // A column is spelled as in SQL; the names of other parts don't go that way.
        Some(part) if &*object.kind == "column" || &*object.kind == "attribute" => {
            format!("{whole}.{}", ident(part))
        }
        Some(part) => format!("{} on {whole}", ident(part)),
    }
    .into();
    if let Some(signature) = signature {
        let mut name = String::from(std::mem::take(&mut object.name));
        // Writing to a string does not fail.
        let types = signature.starts_with('(').then(|| plain_types(signature));
        let _ = write!(name, "{}", types.as_deref().unwrap_or(signature));
        object.name = name.into();
    }
    object.of = match (of_name, part) {
        (Some(_), _) => Some(qualified(of_schema, of_name).into()),
        (None, Some(_)) => Some(whole.into()),
        (None, None) => None,
    };
    object.properties = Properties::new(properties);
    Ok(object)
}

/// Properties that are nothing but a type's name.
const TYPES: &[&str] =
    &["type", "of type", "result", "based on", "subtype", "transition type", "moving transition type"];

/// `types` without the quotes around the server's own types: `"text"` is `text`. Others have a schema before them.
fn plain_types(types: &str) -> String {
    let mut plain = String::with_capacity(types.len());
    let mut rest = types;
    while let Some((head, tail)) = rest.split_once('"') {
        plain.push_str(head);
        let end = tail.find('"').unwrap_or(tail.len());
        let (name, after) = (tail.get(..end).unwrap_or_default(), tail.get(end + 1..).unwrap_or_default());
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if name.bytes().all(is_plain) && !plain.ends_with(['.', '"']) && !after.starts_with(['.', '"']) {
            plain.push_str(name);
        } else {
            plain.extend(["\"", name, "\""]);
        }
        rest = after;
    }
    plain + rest
}

fn qualified(schema: Option<&str>, name: Option<&str>) -> String {
    match (schema, name) {
        (Some(schema), Some(name)) => QualifiedName::new(schema, name).to_string(),
        (_, Some(name)) => ident(name),
        (_, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::plain_types;

    #[test]
    fn only_the_servers_own_types_lose_their_quotes() {
        assert_eq!(plain_types("(\"text\", integer)"), "(text, integer)");
        assert_eq!(plain_types("(\"public\".\"text\"[])"), "(\"public\".\"text\"[])");
        assert_eq!(plain_types("\"s\".\"a\"\"b\" \"Odd\""), "\"s\".\"a\"\"b\" \"Odd\"");
    }
}
