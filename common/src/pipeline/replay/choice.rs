//! Which entries of the schema a restore makes: all, or tables with what hangs on them and what they need.

use crate::error::{Error, Result};
use crate::format::manifest::{LargeObjects, Manifest, MaterializedView, Sequence, Table};
use crate::name::{QualifiedName, literal};
use crate::pg::archive::{Contents, Entry, Spelling, Stage};
use crate::pg::session::Session;
use crate::pipeline::observer::{Fact, Observer};
use std::collections::{HashMap, HashSet};

/// What the user chose.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// `-n`: schemas.
    pub schemas: Vec<String>,
    /// `-t`: tables, `NAME` or `SCHEMA.NAME`.
    pub tables: Vec<String>,
}

/// A part of a snapshot's content.
pub struct Part<'a> {
    /// Tables whose rows are in it.
    pub tables: Vec<&'a Table>,
    /// Sequences.
    pub sequences: Vec<&'a Sequence>,
    /// Materialised views.
    pub matviews: Vec<&'a MaterializedView>,
    /// Large objects.
    pub large_objects: Option<&'a LargeObjects>,
}

/// An entry to be made.
pub(super) struct Item<'a> {
    pub(super) entry: &'a Entry,
    pub(super) stage: Stage,
    /// Whether it was chosen; otherwise something chosen needs it, and it may be there already.
    pub(super) asked: bool,
}

/// Kinds that hold or show rows: what -t names.
const RELATIONS: &[&str] = &["TABLE", "VIEW", "MATERIALIZED VIEW", "SEQUENCE", "FOREIGN TABLE"];

/// Kinds that come along when something chosen needs them.
const NEEDED: &[&str] = &[
    "SCHEMA",
    "EXTENSION",
    "TYPE",
    "SHELL TYPE",
    "DOMAIN",
    "FUNCTION",
    "PROCEDURE",
    "AGGREGATE",
    "COLLATION",
    "SEQUENCE",
    "OPERATOR",
    "OPERATOR CLASS",
    "OPERATOR FAMILY",
    "CAST",
    "PROCEDURAL LANGUAGE",
    "ACCESS METHOD",
    "TEXT SEARCH CONFIGURATION",
    "TEXT SEARCH DICTIONARY",
    "FOREIGN DATA WRAPPER",
    "SERVER",
];

impl Choice {
    /// Whether nothing was left out.
    pub fn is_everything(&self) -> bool {
        self.schemas.is_empty() && self.tables.is_empty()
    }

    /// Whether this relation was chosen.
    fn names(&self, schema: &str, name: &str) -> bool {
        if self.is_everything() || self.schemas.iter().any(|chosen| chosen == schema) {
            return true;
        }
        let qualified = format!("{schema}.{name}");
        let quoted = QualifiedName::new(schema, name).to_string();
        self.tables.iter().any(|chosen| *chosen == name || *chosen == qualified || *chosen == quoted)
    }

    /// Whether the rows of `table` are restored.
    pub fn wants_rows(&self, contents: &Contents, table: &Table) -> bool {
        self.wants_named(contents, "TABLE", &table.schema, &table.name)
    }

    /// Whether the state of the relation `schema`.`name` is restored.
    pub(super) fn wants_named(&self, contents: &Contents, kind: &str, schema: &str, name: &str) -> bool {
        if self.is_everything() || self.names(schema, name) {
            return true;
        }
        kind == "SEQUENCE"
            && self.chosen(contents).iter().any(|&id| {
                contents.entries.iter().any(|entry| {
                    entry.id == id
                        && entry.kind == "SEQUENCE"
                        && entry.tag == name
                        && entry.namespace.as_deref() == Some(schema)
                })
            })
    }

    /// The entries to be made, in order.
    pub(super) fn of<'a>(
        &self,
        contents: &'a Contents,
        spelling: &Spelling,
        observer: &dyn Observer,
    ) -> Result<Vec<Item<'a>>> {
        let staged = contents.staged().into_iter().filter(|(_, entry)| spelling.wants(entry));
        if self.is_everything() {
            return Ok(staged.map(|(stage, entry)| Item { entry, stage, asked: true }).collect());
        }
        self.all_match(contents)?;
        let chosen = self.chosen(contents);
        let needed = needed(contents, &chosen);
        let by_id: HashMap<i32, &Entry> = contents.entries.iter().map(|entry| (entry.id, entry)).collect();
        for entry in contents
            .entries
            .iter()
            .filter(|entry| entry.kind == "FK CONSTRAINT" && !chosen.contains(&entry.id))
        {
            // Its tag begins with the name of the table that has it.
            let has_it = |need: &Entry| {
                need.kind == "TABLE"
                    && need.namespace == entry.namespace
                    && entry.tag.strip_prefix(&need.tag).is_some_and(|rest| rest.starts_with(' '))
            };
            if entry
                .needs
                .iter()
                .any(|need| chosen.contains(need) && by_id.get(need).is_some_and(|need| has_it(need)))
            {
                let reason = "it refers to a table that was not chosen".to_owned();
                observer.note(Fact::Skipped { object: entry.describe(), reason });
            }
        }
        Ok(staged
            .filter(|(_, entry)| {
                chosen.contains(&entry.id) || needed.contains(&entry.id) || is_setting(entry)
            })
            .map(|(stage, entry)| Item { entry, stage, asked: chosen.contains(&entry.id) })
            .collect())
    }

    /// The entries to be made, each with its stage, in the archive's order.
    pub fn entries<'a>(
        &self,
        contents: &'a Contents,
        spelling: &Spelling,
        observer: &dyn Observer,
    ) -> Result<Vec<(Stage, &'a Entry)>> {
        Ok(self.of(contents, spelling, observer)?.into_iter().map(|item| (item.stage, item.entry)).collect())
    }

    /// What of a snapshot's content a restore brings, and a proof compares.
    pub fn part<'a>(&self, contents: &Contents, manifest: &'a Manifest) -> Part<'a> {
        let has_rows = |table: &&Table| table.left_out.is_none();
        Part {
            tables: manifest
                .tables
                .iter()
                .filter(has_rows)
                .filter(|table| self.wants_rows(contents, table))
                .collect(),
            sequences: manifest
                .sequences
                .iter()
                .filter(|sequence| self.wants_named(contents, "SEQUENCE", &sequence.schema, &sequence.name))
                .collect(),
            matviews: manifest
                .materialized_views
                .iter()
                .filter(|view| self.wants_named(contents, "MATERIALIZED VIEW", &view.schema, &view.name))
                .collect(),
            large_objects: manifest.large_objects.as_ref().filter(|_| self.is_everything()),
        }
    }

    /// Fails when something that was chosen is in the target already.
    pub fn absent(&self, session: &mut Session, contents: &Contents) -> Result<()> {
        let chosen = self.chosen(contents);
        let relations =
            contents.entries.iter().filter(|entry| chosen.contains(&entry.id) && is_relation(entry));
        for entry in relations {
            let name =
                QualifiedName::new(entry.namespace.as_deref().unwrap_or_default(), &entry.tag).to_string();
            let row = session
                .query_one(&format!("SELECT pg_catalog.to_regclass({}) IS NOT NULL", literal(&name)))?;
            if row.is_true(0) {
                return Err(Error::refused(
                    "not_empty",
                    format!("the target has {} already", entry.describe()),
                )
                .hint("say --clean --if-exists to put the snapshot's in its place"));
            }
        }
        Ok(())
    }

    /// Fails when something was named that the snapshot does not have.
    pub fn all_match(&self, contents: &Contents) -> Result<()> {
        let relations = || contents.entries.iter().filter(|entry| RELATIONS.contains(&entry.kind.as_str()));
        for table in &self.tables {
            let one = Self { schemas: Vec::new(), tables: vec![table.clone()] };
            if !relations().any(|entry| one.names(entry.namespace.as_deref().unwrap_or_default(), &entry.tag))
            {
                return Err(Error::failed("nothing_matches", format!("the snapshot has no table {table:?}"))
                    .hint("`pgsnap show` lists what it has; here these are names, not patterns, and they are not folded"));
            }
        }
        for schema in &self.schemas {
            if !contents.entries.iter().any(|entry| entry.namespace.as_ref() == Some(schema)) {
                return Err(Error::failed(
                    "nothing_matches",
                    format!("the snapshot has no schema {schema:?}"),
                ));
            }
        }
        Ok(())
    }

    /// What was chosen, and what hangs on it alone.
    fn chosen(&self, contents: &Contents) -> HashSet<i32> {
        let mut chosen: HashSet<i32> = contents
            .entries
            .iter()
            .filter(|entry| {
                let schema = entry.namespace.as_deref().unwrap_or_default();
                let in_schema = self.schemas.iter().any(|chosen| chosen == schema);
                in_schema || (RELATIONS.contains(&entry.kind.as_str()) && self.names(schema, &entry.tag))
            })
            .map(|entry| entry.id)
            .collect();
        let relations: HashSet<i32> =
            contents.entries.iter().filter(|entry| is_relation(entry)).map(|entry| entry.id).collect();
        // A sequence that a chosen table owns is a part of it (pg_dump lets it need its table), and a default
        // without its sequence is none.
        let defaults = contents.entries.iter().filter(|entry| entry.kind == "DEFAULT");
        let drawn: HashSet<i32> = defaults
            .filter(|entry| entry.needs.iter().any(|need| chosen.contains(need)))
            .flat_map(|entry| entry.needs.iter().copied())
            .collect();
        let sequences = contents.entries.iter().filter(|entry| entry.kind == "SEQUENCE");
        let sequences: Vec<i32> = sequences
            .filter(|entry| drawn.contains(&entry.id) || entry.needs.iter().any(|need| chosen.contains(need)))
            .map(|entry| entry.id)
            .collect();
        chosen.extend(sequences);
        loop {
            let more: Vec<i32> = contents
                .entries
                .iter()
                .filter(|entry| !chosen.contains(&entry.id) && !is_relation(entry))
                .filter(|entry| entry.needs.iter().any(|need| chosen.contains(need)))
                .filter(|entry| {
                    entry.needs.iter().all(|need| !relations.contains(need) || chosen.contains(need))
                })
                .filter(|entry| !NEEDED.contains(&entry.kind.as_str()) || entry.kind == "SEQUENCE")
                .map(|entry| entry.id)
                .collect();
            if more.is_empty() {
                break;
            }
            chosen.extend(more);
        }
        // A whole schema may refer to tables of others, which are not coming.
        let leads_out = |entry: &Entry| {
            entry.kind == "FK CONSTRAINT"
                && entry.needs.iter().any(|need| relations.contains(need) && !chosen.contains(need))
        };
        let out: HashSet<i32> =
            contents.entries.iter().filter(|entry| leads_out(entry)).map(|entry| entry.id).collect();
        chosen.difference(&out).copied().collect()
    }
}

/// What chosen entries need, directly or not.
fn needed(contents: &Contents, chosen: &HashSet<i32>) -> HashSet<i32> {
    let by_id: HashMap<i32, &Entry> = contents.entries.iter().map(|entry| (entry.id, entry)).collect();
    let mut needed = HashSet::new();
    let mut pending: Vec<i32> = chosen.iter().copied().collect();
    let schemas: HashSet<&str> = chosen.iter().filter_map(|id| by_id.get(id)?.namespace.as_deref()).collect();
    pending.extend(
        contents
            .entries
            .iter()
            .filter(|entry| entry.kind == "SCHEMA" && schemas.contains(entry.tag.as_str()))
            .map(|entry| entry.id),
    );
    while let Some(id) = pending.pop() {
        let Some(entry) = by_id.get(&id) else { continue };
        if !chosen.contains(&id) && (!NEEDED.contains(&entry.kind.as_str()) || !needed.insert(id)) {
            continue;
        }
        pending.extend(entry.needs.iter().filter(|need| !chosen.contains(need)));
    }
    needed
}

fn is_relation(entry: &Entry) -> bool {
    // The sequence of an identity column is a part of its table.
    RELATIONS.contains(&entry.kind.as_str()) && !entry.definition.starts_with("ALTER TABLE")
}

fn is_setting(entry: &Entry) -> bool {
    matches!(entry.kind.as_str(), "ENCODING" | "STDSTRINGS")
}
