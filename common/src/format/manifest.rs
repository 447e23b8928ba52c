//! The manifest: what a snapshot is. Without it there is no snapshot.
//!
//! It is plain JSON that `jq` reads with ease: integers of bytes and rows, 64-bit identifiers and LSNs as strings.
//! Readers skip what they don't know, so fields are only ever added.

use super::block_file::BlockFile;
use super::checksum;
use super::fingerprint::Fingerprint;
use super::id::{BlockId, SnapshotId};
use super::version::FormatVersion;
use crate::error::{Error, Result};
use crate::name::QualifiedName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One stored block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockRef {
    /// Its file name below `blocks/<first two digits>/`.
    pub file: String,
    /// Bytes when opened.
    pub bytes: u64,
    /// Bytes as stored.
    pub stored: u64,
    /// The BLAKE3 of its bytes, where the file is sealed and so does not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<BlockId>,
}

impl BlockRef {
    /// What its file name tells.
    pub fn parts(&self) -> Result<BlockFile> {
        self.file.parse()
    }
}

/// A run of a table's pages: the unit of parallel work, of retry and of sharing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Its first page; the last segment of a table is open-ended. 0 for what has no pages.
    pub first_page: u64,
    /// What its rows add up to.
    pub fingerprint: Fingerprint,
    /// Its rows, in the order they were read.
    pub blocks: Vec<BlockRef>,
}

/// A table and its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its owner.
    pub owner: String,
    /// Its file node when it was read; together with the snapshot it tells which pages can't have changed.
    pub relfilenode: Option<u32>,
    /// Pages of its main fork when it was read.
    pub pages: u64,
    /// A hash of its columns, their types and enum labels.
    pub definition: String,
    /// The copied columns, in the order of the rows' fields.
    pub columns: Vec<Column>,
    /// The generated columns, which are not stored but proved.
    pub generated: Vec<Column>,
    /// The statement that takes its rows from a client.
    pub copy: String,
    /// The extension whose configuration table it is.
    pub extension: Option<String>,
    /// Of an extension's configuration table: the condition (with WHERE) that tells the user's rows.
    pub condition: Option<String>,
    /// The partitioned table that its rows must go through.
    pub load_through: Option<QualifiedName>,
    /// Why its rows were left out on purpose, if they were.
    pub left_out: Option<String>,
    /// What its rows add up to.
    pub fingerprint: Fingerprint,
    /// What its rows add up to with the generated columns at their end.
    pub with_generated: Option<Fingerprint>,
    /// Its rows.
    pub segments: Vec<Segment>,
}

impl Table {
    /// Its name in its schema.
    pub fn qualified(&self) -> QualifiedName {
        QualifiedName::new(&self.schema, &self.name)
    }

    /// All its blocks.
    pub fn blocks(&self) -> impl Iterator<Item = &BlockRef> {
        self.segments.iter().flat_map(|segment| &segment.blocks)
    }
}

/// A column as its table knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type with modifiers, as `format_type` spells it.
    #[serde(rename = "type")]
    pub type_name: String,
}

/// A sequence's state. It is read after the rows, so it is never behind them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// `last_value`.
    pub last_value: String,
    /// `is_called`.
    pub is_called: bool,
}

/// A materialised view: its rows are made again, in this order, and proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaterializedView {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Whether it had been filled.
    pub populated: bool,
    /// Its columns.
    pub columns: Vec<Column>,
    /// What its rows add up to.
    pub fingerprint: Option<Fingerprint>,
}

/// All large objects: rows of `oid, owner, acl, comment` and rows of `oid, piece, bytes`, in COPY text format.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LargeObjects {
    /// How many there are.
    pub count: u64,
    /// Bytes of a piece; the last piece of an object is shorter.
    pub piece_bytes: u64,
    /// Who owns them, who may use them, what is said of them.
    pub catalog: Segment,
    /// Their bytes.
    pub content: Vec<Segment>,
}

/// A role of the cluster, as far as the snapshot's maker may read it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Its attributes as CREATE ROLE spells them, such as `LOGIN` or `NOINHERIT`.
    pub attributes: Vec<String>,
    /// Its password's hash, when the snapshot's maker may read it.
    pub password: Option<String>,
    /// Its password's end.
    pub valid_until: Option<String>,
    /// What is said of it.
    pub comment: Option<String>,
    /// GRANT statements that make it a member of others.
    pub memberships: Vec<String>,
    /// Its settings in all databases, `name=value`.
    pub settings: Vec<String>,
    /// Its settings in this database, `name=value`.
    pub settings_in_database: Vec<String>,
}

/// A tablespace of the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tablespace {
    /// Its name.
    pub name: String,
    /// Its owner.
    pub owner: String,
    /// Its directory on the source's host.
    pub location: String,
    /// Its options, `name=value`.
    pub options: Vec<String>,
    /// Its privileges.
    pub acl: Vec<String>,
    /// What is said of it.
    pub comment: Option<String>,
}

/// An installed extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The schema of its objects.
    pub schema: String,
}

/// The server and the database that were read, and the moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// `server_version`.
    pub server_version: String,
    /// `server_version_num`.
    pub server_version_num: u32,
    /// The cluster's system identifier; empty when it may not be read.
    pub system_identifier: String,
    /// The timeline.
    pub timeline: u32,
    /// Whether it was a standby.
    pub standby: bool,
    /// The database.
    pub database: String,
    /// Its OID.
    pub database_oid: u32,
    /// Its owner.
    pub owner: String,
    /// Its encoding; the blocks hold this encoding's bytes.
    pub encoding: String,
    /// `datcollate`.
    pub collate: String,
    /// `datctype`.
    pub ctype: String,
    /// `c`, `i` or `b` (libc, ICU, builtin).
    pub locale_provider: String,
    /// The ICU or builtin locale.
    pub locale: Option<String>,
    /// The version of the collation's library when the database was made.
    pub collation_version: Option<String>,
    /// Settings of the database, `name=value`.
    pub settings: Vec<String>,
    /// The names of its schemas.
    pub schemas: Vec<String>,
    /// Where in the write-ahead log the snapshot was taken.
    pub lsn: String,
    /// The snapshot itself: `xmin:xmax:transactions in flight`.
    pub snapshot: String,
    /// The server's clock at the snapshot, RFC 3339.
    pub snapshot_time: String,
    /// Bytes of a page.
    pub page_bytes: u32,
    /// The dump that it was restored from, when no live database was read: then all of the above that can be told is the private
    /// cluster's which it was restored into, and what would make it a certain cluster or moment is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<Imported>,
}

/// A dump that became a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Its file or directory, as it was named.
    pub file: String,
    /// BLAKE3 of the file, 64 hexadecimal digits; of a directory, of the names and hashes of its files. None of a pipe.
    pub hash: Option<String>,
    /// Its bytes as it lies there.
    pub bytes: u64,
    /// `custom`, `directory`, `tar` or `plain`.
    pub format: String,
    /// The database, as far as it tells.
    pub database: Option<String>,
    /// The version of the server that was dumped, as far as it tells.
    pub server_version: Option<String>,
    /// The version of pg_dump that wrote it, as far as it tells.
    pub pg_dump: Option<String>,
    /// When it was written, RFC 3339, as far as it tells.
    pub dumped: Option<String>,
    /// When it was imported, RFC 3339.
    pub imported: String,
}

/// The schema, as `pg_dump` wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// `pg_dump --version`.
    pub pg_dump: String,
    /// A custom-format archive of `pg_dump --schema-only`.
    pub archive: Vec<BlockRef>,
    /// The statements that come before the rows, for psql.
    pub before_data: Vec<BlockRef>,
    /// The statements that come after the rows, for psql.
    pub after_data: Vec<BlockRef>,
    /// What the schema is, as JSON Lines; none in snapshots of format 1.0.
    #[serde(default)]
    pub inventory: Vec<BlockRef>,
    /// The encoding of names and statements.
    pub encoding: String,
}

/// What was asked for, in pg_dump's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// `-n`.
    pub schemas: Vec<String>,
    /// `-N`.
    pub exclude_schemas: Vec<String>,
    /// `-t`.
    pub tables: Vec<String>,
    /// `-T`.
    pub exclude_tables: Vec<String>,
    /// `--exclude-table-data`.
    pub exclude_table_data: Vec<String>,
    /// `--no-unlogged-table-data`.
    pub no_unlogged_table_data: bool,
}

/// What a snapshot is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
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
    pub source: Source,
    /// The settings that rows were written under.
    pub settings: BTreeMap<String, String>,
    /// What was asked for.
    pub selection: Selection,
    /// How new blocks were compressed.
    pub compression: String,
    /// All rows.
    pub rows: u64,
    /// Bytes of all rows and large objects' pieces as COPY text.
    pub bytes: u64,
    /// Bytes that this snapshot added to the store, manifest not counted.
    pub stored_new: u64,
    /// The schema.
    pub schema: Schema,
    /// Roles.
    pub roles: Vec<Role>,
    /// Tablespaces.
    pub tablespaces: Vec<Tablespace>,
    /// Extensions.
    pub extensions: Vec<Extension>,
    /// Sequences.
    pub sequences: Vec<Sequence>,
    /// Materialised views, each behind those that it reads.
    pub materialized_views: Vec<MaterializedView>,
    /// Large objects; none when they were left out.
    pub large_objects: Option<LargeObjects>,
    /// Tables.
    pub tables: Vec<Table>,
}

#[derive(Deserialize)]
struct Envelope {
    format: FormatVersion,
}

impl Manifest {
    /// What helps when it is damaged.
    pub(super) const HINT: &str =
        "the snapshot cannot be used; take a new one, or bring the file back from a copy of the store";

    /// Its JSON.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let mut json = serde_json::to_vec(self).map_err(|error| {
            Error::failed("manifest", "cannot write the manifest").cause(error.to_string())
        })?;
        json.push(b'\n');
        Ok(checksum::seal(&json))
    }

    /// Reads JSON that was found under `name`.
    pub fn decode(name: &str, json: &[u8]) -> Result<Self> {
        let what = format!("the manifest {name}");
        let torn = |error: serde_json::Error| {
            Error::failed("damaged", format!("{what} is damaged")).cause(error.to_string()).hint(Self::HINT)
        };
        let envelope: Envelope = serde_json::from_slice(json).map_err(torn)?;
        envelope.format.readable(&what)?;
        checksum::check(&what, json, envelope.format).map_err(|error| error.hint(Self::HINT))?;
        serde_json::from_slice(json).map_err(torn)
    }

    /// All blocks that it needs, with the table (or other part) that they belong to.
    pub fn blocks(&self) -> impl Iterator<Item = (String, &BlockRef)> {
        let Schema { archive, before_data, after_data, inventory, .. } = &self.schema;
        let schema = [archive, before_data, after_data, inventory];
        let schema = schema.into_iter().flatten().map(|block| ("the schema".to_owned(), block));
        let objects =
            self.large_objects.iter().flat_map(|all| std::iter::once(&all.catalog).chain(&all.content));
        let objects =
            objects.flat_map(|segment| &segment.blocks).map(|block| ("large objects".to_owned(), block));
        let tables = self.tables.iter().flat_map(|table| {
            table.blocks().map(move |block| (format!("table {}", table.qualified()), block))
        });
        schema.chain(objects).chain(tables)
    }
}
