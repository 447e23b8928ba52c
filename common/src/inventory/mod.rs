//! What a database's schema is: every object with its properties, as the catalogs tell it.
//!
//! It is read by queries over whole catalogs, without locks, in the transaction that the session is in; it can be
//! kept as JSON Lines, and two are compared in both directions. It is no DDL: nothing can be made from it.
//! What must hold: names and values never contain an OID, a password, or anything else that differs between a
//! database and its faithful copy on a server of the same version; what is the default is not said at all.

mod compare;
mod judge;
mod lines;
mod object;
mod privileges;
mod queries;
mod read;
mod retain;
mod scope;
mod trial;
mod versions;

pub use compare::{SchemaDifference, compare};
pub use object::{Object, Properties};
pub use scope::Scope;

/// All objects of a database's schema, sorted by kind and name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The major version of the server that it was read from.
    pub major: u32,
    /// The objects.
    pub objects: Vec<Object>,
}
