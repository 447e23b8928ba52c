//! One row of what a check saw.

use crate::records::State;
use common::name::{QualifiedName, ident};
use common::pg::session::Row;
use std::collections::BTreeMap;

/// One row of what a check saw. Fields with a meaning of their own: `value`, `object` (or `schema` and `name`, which are
/// quoted), `status`, `message`, `hint`, `key`. The others are there for messages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Finding {
    fields: BTreeMap<String, String>,
}

impl Finding {
    /// A row of a query.
    pub(super) fn of(names: &[String], row: &Row) -> Self {
        let fields = names.iter().enumerate().filter_map(|(at, name)| Some((name.clone(), row.owned(at)?)));
        Self { fields: fields.collect() }.named()
    }

    /// Adds a field.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &(impl ToString + ?Sized)) -> Self {
        self.fields.insert(name.to_owned(), value.to_string());
        self
    }

    /// The same with what `other` knows besides.
    #[must_use]
    pub(super) fn and(mut self, other: Self) -> Self {
        for (name, value) in other.fields {
            self.fields.entry(name).or_insert(value);
        }
        self
    }

    /// Takes a field out.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.fields.remove(name)
    }

    /// Gives an object its quoted name.
    fn named(mut self) -> Self {
        if let Some(name) = self.fields.get("name")
            && !self.fields.contains_key("object")
        {
            let object = match self.fields.get("schema") {
                Some(schema) => QualifiedName::new(schema, name).to_string(),
                None => ident(name),
            };
            self.fields.insert("object".to_owned(), object);
        }
        self
    }

    /// A field; `None` when it is absent or NULL.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// What was measured.
    pub(crate) fn value(&self) -> Option<f64> {
        self.field("value")?.parse().ok().filter(|value: &f64| value.is_finite())
    }

    /// How it stands, when the check decides that itself.
    pub(crate) fn status(&self) -> Option<State> {
        let states = [State::Ok, State::Info, State::Unknown, State::Warn, State::Crit];
        states.into_iter().find(|state| Some(state.word()) == self.field("status"))
    }
}
