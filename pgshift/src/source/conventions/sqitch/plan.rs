//! `sqitch.plan`: changes and tags, a line each.
//!
//! Format: <https://sqitch.org/docs/manual/sqitchchanges/>

use crate::source::directory::File;
use common::error::{Error, Result};

/// A plan.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The project's name.
    pub(crate) project: String,
    /// In the order in which they are deployed.
    pub(super) changes: Vec<Change>,
}

/// A change.
#[derive(Debug)]
pub(super) struct Change {
    name: String,
    /// The tags after it, up to where it was reworked; none when it was not.
    reworked: Vec<String>,
    /// Why it was made.
    pub(super) note: String,
}

impl Change {
    /// What it is known by, and what its scripts are called.
    ///
    /// Of a change that was reworked the earlier scripts bear a tag: of those in between, the first that `exists` knows.
    pub(super) fn version(&self, exists: impl Fn(&str) -> bool) -> String {
        let mut names = self.reworked.iter().map(|tag| format!("{}@{tag}", self.name));
        let first = names.clone().next().unwrap_or_else(|| self.name.clone());
        names.find(|name| exists(name)).unwrap_or(first)
    }
}

impl Plan {
    /// Reads it.
    pub(crate) fn read(file: &File) -> Result<Self> {
        let text = String::from_utf8_lossy(file.text()?).into_owned();
        let mut plan = Self::default();
        // How many changes stood before the tag.
        let mut tags: Vec<(String, usize)> = Vec::new();
        for (line, number) in text.lines().zip(1_u64..) {
            let (content, note) = line.split_once('#').unwrap_or((line, ""));
            let content = content.trim();
            let wrong = |why: &str| {
                let message = format!("{}, line {number}: {why}", file.path.display());
                Err(Error::failed("plan", message))
            };
            if let Some(pragma) = content.strip_prefix('%') {
                if let Some(("project", value)) = pragma.split_once('=') {
                    value.trim().clone_into(&mut plan.project);
                }
                continue;
            }
            let Some(word) = content.split_ascii_whitespace().next() else { continue };
            if let Some(tag) = word.strip_prefix('@') {
                tags.push((tag.to_owned(), plan.changes.len()));
                continue;
            }
            if word.starts_with('-') {
                return wrong("a plan that reverts changes cannot be run");
            }
            let name = word.trim_start_matches('+');
            if name.is_empty() {
                return wrong("there is no change's name");
            }
            let earlier = plan.changes.iter().rposition(|change| change.name == name);
            if let Some(earlier) = earlier {
                let between = tags.iter().filter(|(_, before)| *before > earlier);
                let between: Vec<String> = between.map(|(tag, _)| tag.clone()).collect();
                if between.is_empty() {
                    return wrong(&format!("change {name} is there twice, without a tag in between"));
                }
                if let Some(change) = plan.changes.get_mut(earlier) {
                    change.reworked = between;
                }
            }
            plan.changes.push(Change {
                name: name.to_owned(),
                reworked: Vec::new(),
                note: note.trim().to_owned(),
            });
        }
        Ok(plan)
    }
}
