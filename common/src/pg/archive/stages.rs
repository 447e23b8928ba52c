//! In which order entries are made: before the rows, behind them, then privileges, then what reacts to changes.
//!
//! The passes are pg_restore's (`RestorePass`): privileges come late so that they hinder nothing,
//! event triggers last so that they fire for none of it.

use super::{Contents, Entry, Section};

/// When an entry is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Before the rows.
    BeforeData,
    /// Behind the rows: indexes, constraints, triggers.
    AfterData,
    /// Privileges.
    Privileges,
    /// Event triggers, and what is said of them.
    Last,
}

impl Contents {
    /// The entries of the database's content, each with its stage, in the archive's order.
    pub fn staged(&self) -> Vec<(Stage, &Entry)> {
        let mut section = Section::BeforeData;
        let mut staged = Vec::new();
        for entry in &self.entries {
            // What speaks of an object stands where the object stands, right behind it.
            if entry.section != Section::Any {
                section = entry.section;
            }
            let stage = match entry.kind.as_str() {
                "SEARCHPATH" => continue,
                _ if entry.is_of_database() => continue,
                "ACL" | "ACL LANGUAGE" | "DEFAULT ACL" => Stage::Privileges,
                "EVENT TRIGGER" => Stage::Last,
                "COMMENT" | "SECURITY LABEL" if entry.tag.starts_with("EVENT TRIGGER ") => Stage::Last,
                _ if section == Section::BeforeData => Stage::BeforeData,
                _ if section == Section::AfterData => Stage::AfterData,
                _ => continue,
            };
            staged.push((stage, entry));
        }
        staged
    }

    /// The entries that make the database itself: its creation, settings, privileges, comment.
    pub fn database(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.is_of_database())
    }
}

impl Entry {
    fn is_of_database(&self) -> bool {
        match self.kind.as_str() {
            "DATABASE" | "DATABASE PROPERTIES" => true,
            "ACL" | "COMMENT" | "SECURITY LABEL" => self.tag.starts_with("DATABASE "),
            _ => false,
        }
    }
}
