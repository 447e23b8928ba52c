//! What another tool's table says has been.

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Past {
    /// What was applied and not taken back, in that order.
    pub(crate) rows: Vec<Row>,
    /// Everything up to this version was applied, with or without a row.
    pub(crate) floor: Option<String>,
    /// What is neither applied nor not, and what the tool says of it.
    pub(crate) dirty: Vec<String>,
}

/// A migration that was applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// As [`super::Tool::key`] has it.
    pub(crate) key: String,
    /// What else it may be called in the files.
    pub(crate) others: Vec<String>,
    /// As the tool has it, for people.
    pub(crate) shown: String,
    /// The tool's checksum, if it has any.
    pub(crate) checksum: Option<String>,
    /// When it was applied, as the server shows it.
    pub(crate) at: Option<String>,
}

impl Row {
    /// Whether it is the row of what is called so.
    pub(super) fn is_of(&self, key: &str) -> bool {
        self.key == key || self.others.iter().any(|other| other == key)
    }
}
