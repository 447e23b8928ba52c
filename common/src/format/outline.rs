//! What can be told of a snapshot without reading the whole of it, and without a key where it is sealed.
//!
//! Whoever lists, forgets, copies or checks snapshots asks for this; whoever reads rows asks for the manifest.

use super::id::SnapshotId;
use super::manifest::{Manifest, Selection};
use super::version::FormatVersion;
use serde::{Deserialize, Serialize};

/// What can be told of a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// The format's version.
    pub format: FormatVersion,
    /// The snapshot's name.
    pub id: SnapshotId,
    /// When the run began, RFC 3339.
    pub created: String,
    /// How long the run took.
    pub seconds: f64,
    /// The release that made it.
    pub tool: String,
    /// Snapshots of one run share it.
    pub run: String,
    /// Tags.
    pub tags: Vec<String>,
    /// Where it comes from.
    pub source: Origin,
    /// Whether it is of the whole database: no schema and no table was chosen or left out.
    pub whole: bool,
    /// Snapshots of one database that chose different parts of it differ here; empty when nothing was chosen. Holds the
    /// database's OID when the system identifier is unknown.
    #[serde(default)]
    pub part: String,
    /// How many tables it has.
    pub tables: u64,
    /// All rows.
    pub rows: u64,
    /// Bytes of all rows and large objects' pieces as COPY text.
    pub bytes: u64,
    /// Bytes that it added to the store.
    pub stored_new: u64,
    /// All blocks that it needs, by name, each once.
    pub blocks: Vec<Needed>,
}

/// The server and the database that were read, and the moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The database.
    pub database: String,
    /// The cluster's system identifier; empty when it may not be read.
    pub system_identifier: String,
    /// `server_version`.
    pub server_version: String,
    /// Where in the write-ahead log the snapshot was taken.
    pub lsn: String,
    /// The server's clock at the snapshot, RFC 3339.
    pub snapshot_time: String,
}

/// A block that a snapshot needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Needed {
    /// Its file name below `blocks/<first two digits>/`.
    pub file: String,
    /// Bytes as stored.
    pub stored: u64,
}

impl Outline {
    /// The outline of a manifest.
    pub fn of(manifest: &Manifest) -> Self {
        let Selection { schemas, exclude_schemas, tables, exclude_tables, .. } = &manifest.selection;
        let chosen = [schemas, exclude_schemas, tables, exclude_tables];
        let source = &manifest.source;
        let mut blocks: Vec<_> = manifest
            .blocks()
            .map(|(_, block)| Needed { file: block.file.clone(), stored: block.stored })
            .collect();
        // Their order would tell which belong together.
        blocks.sort();
        blocks.dedup();
        Self {
            format: manifest.format,
            id: manifest.id.clone(),
            created: manifest.created.clone(),
            seconds: manifest.seconds,
            tool: manifest.tool.clone(),
            run: manifest.run.clone(),
            tags: manifest.tags.clone(),
            source: Origin {
                database: source.database.clone(),
                system_identifier: source.system_identifier.clone(),
                server_version: source.server_version.clone(),
                lsn: source.lsn.clone(),
                snapshot_time: source.snapshot_time.clone(),
            },
            whole: chosen.iter().all(|list| list.is_empty()),
            part: part(manifest),
            tables: manifest.tables.len() as u64,
            rows: manifest.rows,
            bytes: manifest.bytes,
            stored_new: manifest.stored_new,
            blocks,
        }
    }
}

/// A digest: names of tables are not told.
fn part(manifest: &Manifest) -> String {
    let source = &manifest.source;
    let oid =
        if source.system_identifier.is_empty() { format!("{}:", source.database_oid) } else { String::new() };
    if manifest.selection == Selection::default() {
        return oid;
    }
    let digest = blake3::hash(format!("{:?}", manifest.selection).as_bytes()).to_hex();
    format!("{oid}{}", &digest[..16])
}
