//! What the work reports while it goes on. Who listens decides what becomes of it.

use crate::name::QualifiedName;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Fact {
    /// What is going on now, for people.
    Phase(&'static str),
    /// How many bytes are to be read or written, about.
    Planned {
        /// What will go on.
        phase: &'static str,
        /// Bytes.
        bytes: u64,
    },
    /// So many more of those bytes are done.
    Advanced(u64),
    /// A table's rows are done.
    Table {
        /// Which.
        table: QualifiedName,
        /// Its rows.
        rows: u64,
        /// Bytes of its rows as COPY text.
        bytes: u64,
        /// Blocks that it has.
        blocks: u64,
        /// From the first row's reading to the last one's, in seconds.
        seconds: f64,
    },
    /// Large objects are done.
    LargeObjects {
        /// How many.
        count: u64,
        /// Bytes of their pieces as COPY text.
        bytes: u64,
    },
    /// A part of the work that is not rows is done.
    Step {
        /// What.
        step: &'static str,
        /// How many objects.
        count: u64,
        /// How long it took, in seconds.
        seconds: f64,
    },
    /// Something is not in the snapshot, and why.
    Skipped {
        /// What.
        object: String,
        /// Why.
        reason: String,
    },
    /// Something that the user should know of.
    Warning {
        /// A stable code.
        code: &'static str,
        /// What.
        message: String,
    },
    /// A piece of work failed for a passing reason and is done again.
    Retried {
        /// Which.
        object: String,
        /// Why.
        reason: String,
    },
}

/// Listens to facts, from many threads.
pub trait Observer: Sync {
    /// Takes one fact.
    fn note(&self, fact: Fact);
}

/// Listens to nothing.
pub struct Silent;

impl Observer for Silent {
    fn note(&self, _fact: Fact) {}
}
