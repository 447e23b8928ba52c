//! One object of the schema, small: a large database has a million of them.

use std::collections::BTreeSet;
use std::sync::Arc;

/// A thing of the schema that has properties of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// What it is, such as `table` or `text search dictionary`.
    pub kind: Arc<str>,
    /// Its name, qualified and quoted, with arguments where they are part of it. Empty for the database itself.
    pub name: Box<str>,
    /// The name of what it is a part of: a column's table, a constraint's domain.
    pub of: Option<Box<str>>,
    /// The catalog that it lives in; of a part that of the whole, as in `pg_dump`'s table of contents.
    pub class: u32,
    /// Its OID in that catalog.
    pub oid: u32,
    /// Its properties; what is the default is left out.
    pub properties: Properties,
}

impl Object {
    /// How messages name it.
    pub fn describe(&self) -> String {
        if self.name.is_empty() { self.kind.to_string() } else { format!("{} {}", self.kind, self.name) }
    }

    /// By what it is found in another inventory.
    pub(super) fn identity(&self) -> (&str, &str) {
        (&self.kind, &self.name)
    }
}

/// Properties and their values, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties(Box<[(Arc<str>, Box<str>)]>);

impl Properties {
    /// From properties in any order.
    pub fn new(mut properties: Vec<(Arc<str>, Box<str>)>) -> Self {
        properties.sort_unstable();
        Self(properties.into_boxed_slice())
    }

    /// The value of a property.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        self.0.get(found).map(|(_, value)| &**value)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}

/// Words that come up again and again, each kept once.
#[derive(Default)]
pub(super) struct Words(BTreeSet<Arc<str>>);

impl Words {
    pub(super) fn word(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let word: Arc<str> = Arc::from(text);
        self.0.insert(Arc::clone(&word));
        word
    }
}
