//! A side that is a snapshot.
//!
//! The manifest knows rows, the archive of its schema knows keys and partitions.

use super::names::Patterns;
use super::sheet::{Holding, Sheet, Skip};
use common::error::Result;
use common::format::manifest::Manifest;
use common::name::QualifiedName;
use common::pg::archive::Contents;
use common::pipeline::replay;
use common::store::Store;
use std::collections::BTreeMap;

const ALTER: &str = "ALTER TABLE ONLY ";

/// A snapshot.
pub(crate) struct Stored {
    /// Its store.
    pub(crate) store: Store,
    /// What it is.
    pub(crate) manifest: Manifest,
    /// What it has.
    pub(crate) sheet: Sheet,
}

impl Stored {
    /// Looks at what the snapshot has.
    pub(crate) fn open(store: Store, manifest: Manifest) -> Result<Self> {
        let contents = replay::contents(&store, &manifest)?;
        let sheet = sheet(&manifest, &contents);
        Ok(Self { store, manifest, sheet })
    }

    /// Leaves out what was not asked for. `path` is the search path of the other side, if that is live.
    pub(crate) fn narrow(&mut self, asked: &Patterns, path: Option<&[String]>) {
        let Sheet { tables, roots, sequences, matviews, objects, skips, .. } = &mut self.sheet;
        tables.retain(|name, _| asked.wants(name, path));
        roots.retain(|name, _| asked.wants(name, path));
        sequences.retain(|name, _| asked.wants(name, path));
        matviews.retain(|name, _| asked.wants(name, path));
        *objects = *objects && asked.is_a_whole();
        skips.retain(|_| asked.is_everything());
    }
}

fn sheet(manifest: &Manifest, contents: &Contents) -> Sheet {
    let mut sheet = Sheet {
        encoding: manifest.source.encoding.clone(),
        objects: manifest.large_objects.is_some(),
        ..Sheet::default()
    };
    let (mut partitions, mut keys) = (BTreeMap::new(), BTreeMap::new());
    for entry in &contents.entries {
        match entry.kind.as_str() {
            "TABLE" | "TABLE ATTACH" => {
                let places = entry.definition.match_indices(ALTER).map(|(at, _)| at);
                let pairs = places.filter_map(|at| attached(entry.definition.get(at..)?));
                partitions.extend(pairs.map(|(parent, child)| (child, parent)));
            }
            "CONSTRAINT" => {
                if let Some((table, columns)) = primary_key(&entry.definition) {
                    keys.insert(table, vec![columns]);
                }
            }
            _ => {}
        }
    }
    for table in &manifest.tables {
        let name = table.qualified();
        let mut root = None;
        let mut at = &name;
        while let Some(parent) = partitions.get(at) {
            root = Some(parent.clone());
            at = parent;
        }
        if let Some(root) = &root {
            sheet.roots.insert(root.clone(), keys.get(root).cloned().unwrap_or_default());
        }
        if let Some(root) = &table.load_through {
            sheet.scattered.insert(root.clone());
        }
        let holding = Holding {
            table: table.clone(),
            keys: keys.get(&name).cloned().unwrap_or_default(),
            root,
            pages: 0,
            bytes: table.fingerprint.bytes,
            unreadable: table.left_out.as_ref().map(|why| format!("its rows are not in the snapshot: {why}")),
        };
        sheet.tables.insert(name, holding);
    }
    for sequence in &manifest.sequences {
        let name = QualifiedName::new(&sequence.schema, &sequence.name);
        sheet.sequences.insert(name, Some(sequence.clone()));
    }
    for view in &manifest.materialized_views {
        sheet.matviews.insert(QualifiedName::new(&view.schema, &view.name), view.clone());
    }
    if manifest.large_objects.is_none()
        && manifest.selection.schemas.is_empty()
        && manifest.selection.tables.is_empty()
    {
        let reason = "they are not in the snapshot".to_owned();
        sheet.skips.push(Skip { object: "large objects".to_owned(), reason, counts: true });
    }
    sheet
}

/// Parent and child of `ALTER TABLE ONLY parent ATTACH PARTITION child …`.
fn attached(statement: &str) -> Option<(QualifiedName, QualifiedName)> {
    let (parent, rest) = qualified(statement.strip_prefix(ALTER)?)?;
    let (child, _) = qualified(rest.strip_prefix(" ATTACH PARTITION ")?)?;
    Some((parent, child))
}

/// Table and columns of `ALTER TABLE ONLY table ADD CONSTRAINT name PRIMARY KEY (columns)`.
fn primary_key(statement: &str) -> Option<(QualifiedName, Vec<String>)> {
    let rest = statement.trim_start().strip_prefix("ALTER TABLE ")?;
    let (table, rest) = qualified(rest.strip_prefix("ONLY ").unwrap_or(rest))?;
    let (_, rest) = identifier(rest.trim_start().strip_prefix("ADD CONSTRAINT ")?)?;
    let mut rest = rest.strip_prefix(" PRIMARY KEY (")?;
    let mut columns = Vec::new();
    loop {
        let (column, tail) = identifier(rest)?;
        columns.push(column);
        match tail.strip_prefix(", ") {
            Some(more) => rest = more,
            // A key WITHOUT OVERLAPS tells rows apart by more than equality.
            None => return tail.starts_with(')').then_some((table, columns)),
        }
    }
}

fn qualified(text: &str) -> Option<(QualifiedName, &str)> {
    let (schema, rest) = identifier(text)?;
    let (name, rest) = identifier(rest.strip_prefix('.')?)?;
    Some((QualifiedName::new(schema, name), rest))
}

/// An identifier as pg_dump writes it, and what follows it.
fn identifier(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut name = String::new();
    loop {
        let (part, tail) = rest.split_once('"')?;
        name.push_str(part);
        match tail.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, tail)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_partitions_are_read_from_statements() {
        let statement = "ALTER TABLE ONLY public.\"T \"\"1\"\n    ADD CONSTRAINT \"T_pkey\" PRIMARY KEY (a, \"B b\") INCLUDE (c);\n";
        let (table, columns) = primary_key(statement).unwrap();
        assert_eq!(table, QualifiedName::new("public", "T \"1"));
        assert_eq!(columns, ["a", "B b"]);
        assert!(primary_key("ALTER TABLE ONLY a.b ADD CONSTRAINT c UNIQUE (d);").is_none());
        let statement = "ALTER TABLE ONLY s.r ATTACH PARTITION s.\"p;1\" FOR VALUES FROM (1) TO (2)";
        let (parent, child) = attached(statement).unwrap();
        assert_eq!((parent.name.as_str(), child.name.as_str()), ("r", "p;1"));
    }
}
