//! A check of the catalogue, as `list` tells of it.

use super::Number;
use common::records::{Cell, Record, Row};
use schemars::JsonSchema;
use serde::Serialize;

/// A check that there is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Listed {
    /// Its name.
    pub(crate) check: String,
    /// The group that it belongs to.
    pub(crate) group: String,
    /// What it tells.
    pub(crate) about: String,
    /// What its value counts.
    pub(crate) unit: String,
    /// The value from which it warns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) warn: Option<Number>,
    /// The value from which it is critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crit: Option<Number>,
    /// Whether values at or `above` the thresholds are bad, or those at or `below`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bad: Option<String>,
    /// Of checks that have no thresholds, what a finding means: `info`, `warn`, `crit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) severity: Option<String>,
    /// `server`: once for a server; `database`: in each database.
    pub(crate) scope: String,
    /// The only kind of server that it applies to: `primary` or `standby`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) on: Option<String>,
    /// The extension that has to be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) extension: Option<String>,
    /// What it reads.
    pub(crate) reads: String,
    /// The role that has to be granted for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) needs: Option<String>,
    /// The statement that gives the right to see all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) grant: Option<String>,
    /// The first major version of PostgreSQL that it applies to, when it is not the first that is supported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from_version: Option<u32>,
    /// The last one, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to_version: Option<u32>,
    /// What helps; `{…}` is filled in by what was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
}

impl Record for Listed {
    const TYPE: &'static str = "listed_check";
    fn row(&self) -> Option<Row> {
        let unit: Option<crate::catalogue::Unit> = self.unit.parse().ok();
        let shown = |value: Option<Number>| {
            Cell::maybe(value.zip(unit), |(value, unit)| Cell::Text(unit.threshold(value.0)))
        };
        let (warn, crit) = match self.severity.as_deref() {
            Some("crit") => (Cell::Empty, Cell::text("any")),
            Some("warn") => (Cell::text("any"), Cell::Empty),
            _ => (shown(self.warn), shown(self.crit)),
        };
        let about = match (self.from_version, self.to_version) {
            (Some(from), _) => format!("{} (PostgreSQL {from} and later)", self.about),
            (None, Some(to)) => format!("{} (up to PostgreSQL {to})", self.about),
            (None, None) => self.about.clone(),
        };
        Some(
            Row::default()
                .with("check", Cell::text(&self.check))
                .with("warn", warn)
                .with("crit", crit)
                .with("needs", Cell::maybe(self.needs.as_ref(), Cell::text))
                .with("what it tells", Cell::Text(about)),
        )
    }
}
