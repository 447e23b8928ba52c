//! Writes a table of contents, as `pg_dump` puts it into `toc.dat` of its directory format.
//!
//! The counterpart of the reader in this module (`WriteHead`, `WriteToc`). Knows nothing of the files beside it: the caller
//! names them.

use super::{Contents, Entry, Section};
use crate::error::{Context as _, Result};
use crate::format::frame::{Codec, Compression};
use crate::pg::text;
use std::io::{Seek, SeekFrom, Write};

/// The oldest format that tells access methods: `pg_restore` of 12 and later reads it.
const OLDEST: u8 = 14;
/// The first that names how files are compressed, by a number for each codec.
const CODECS: u8 = 15;
/// The first that tells the kinds of relations, without which a partitioned table's access method is lost.
const RELATION_KINDS: u8 = 16;

/// Bytes of an integer, and of a file's offset; the table of contents of a directory calls itself a tar file's.
const SIZES_AND_FORMAT: [u8; 3] = [4, 8, 3];

/// A table of contents in the making; the number of entries is filled in at the end.
pub struct ContentsWriter<W> {
    out: W,
    format: u8,
    count_at: u64,
    count: u32,
}

impl Contents {
    /// The oldest format that can say all that these entries and files of this codec need.
    pub fn format_for(&self, codec: Codec) -> u8 {
        let partitioned = |entry: &&Entry| entry.relation_kind == Some('p');
        let has_method = |entry: &Entry| entry.access_method.as_ref().is_some_and(|name| !name.is_empty());
        if self.entries.iter().filter(partitioned).any(has_method) {
            RELATION_KINDS
        } else if codec == Codec::Zstd {
            CODECS
        } else {
            OLDEST
        }
    }
}

impl<W: Write + Seek> ContentsWriter<W> {
    /// Begins with the head of `contents`; its entries are for the caller to write.
    pub fn begin(
        out: W,
        contents: &Contents,
        compression: Compression,
        created: &jiff::Zoned,
    ) -> Result<Self> {
        let format = contents.format_for(compression.codec);
        let mut writer = Self { out, format, count_at: 0, count: 0 };
        let mut head = b"PGDMP".to_vec();
        head.extend([1, format, 0]);
        head.extend(SIZES_AND_FORMAT);
        if format >= CODECS {
            head.push(match compression.codec {
                Codec::None => 0,
                Codec::Gzip => 1,
                Codec::Zstd => 3,
            });
        } else {
            int(&mut head, i64::from(compression.level));
        }
        let is_dst = created.time_zone().to_offset_info(created.timestamp()).dst().is_dst();
        for part in [created.second(), created.minute(), created.hour(), created.day(), created.month() - 1] {
            int(&mut head, i64::from(part));
        }
        int(&mut head, i64::from(created.year()) - 1900);
        int(&mut head, i64::from(is_dst));
        for name in [&contents.database, &contents.server, &contents.pg_dump] {
            string(&mut head, Some(name));
        }
        writer.count_at = head.len() as u64;
        int(&mut head, 0);
        writer.write(&head)?;
        Ok(writer)
    }

    /// Writes an entry; `file` is where its data lie, if it has any.
    pub fn entry(&mut self, entry: &Entry, file: Option<&str>) -> Result<()> {
        let mut bytes = Vec::with_capacity(entry.definition.len() + 256);
        int(&mut bytes, i64::from(entry.id));
        int(&mut bytes, i64::from(file.is_some()));
        string(&mut bytes, Some(&entry.catalog.to_string()));
        string(&mut bytes, Some(&entry.oid.to_string()));
        string(&mut bytes, Some(&entry.tag));
        string(&mut bytes, Some(&entry.kind));
        int(
            &mut bytes,
            match entry.section {
                Section::Any => 1,
                Section::BeforeData => 2,
                Section::Data => 3,
                Section::AfterData => 4,
            },
        );
        string(&mut bytes, Some(&entry.definition));
        string(&mut bytes, Some(&entry.drop));
        let rest = [&entry.copy, &entry.namespace, &entry.tablespace, &entry.access_method];
        for text in rest {
            string(&mut bytes, text.as_deref());
        }
        if self.format >= RELATION_KINDS {
            int(&mut bytes, entry.relation_kind.map_or(0, |kind| i64::from(u32::from(kind))));
        }
        string(&mut bytes, Some(&entry.owner));
        // Tables with OIDs are gone since 12.
        string(&mut bytes, Some("false"));
        for need in &entry.needs {
            string(&mut bytes, Some(&need.to_string()));
        }
        string(&mut bytes, None);
        string(&mut bytes, Some(file.unwrap_or_default()));
        self.count += 1;
        self.write(&bytes)
    }

    /// Ends it; what it was written to.
    pub fn finish(mut self) -> Result<W> {
        let mut count = Vec::new();
        int(&mut count, i64::from(self.count));
        self.out
            .seek(SeekFrom::Start(self.count_at))
            .context(|| "cannot write the table of contents".to_owned())?;
        self.write(&count)?;
        Ok(self.out)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes).context(|| "cannot write the table of contents".to_owned())
    }
}

/// A sign, then the magnitude, lowest byte first.
fn int(out: &mut Vec<u8>, value: i64) {
    out.push(u8::from(value < 0));
    // What is written are ids, lengths and parts of dates.
    out.extend(u32::try_from(value.unsigned_abs()).unwrap_or(u32::MAX).to_le_bytes());
}

fn string(out: &mut Vec<u8>, text: Option<&str>) {
    let Some(text) = text else { return int(out, -1) };
    let bytes = text::encode(text);
    int(out, i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    out.extend(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn what_was_written_is_read_again() {
        let entry = Entry {
            id: 7,
            catalog: 1259,
            oid: 4_000_000_000,
            tag: "t\u{10FFE9}".into(),
            kind: "TABLE DATA".into(),
            copy: Some("COPY \"s\".\"t\" FROM stdin;\n".into()),
            namespace: Some("s".into()),
            owner: "o".into(),
            needs: vec![3, 5],
            section: Section::Data,
            ..Entry::default()
        };
        let head = Contents {
            database: "d".into(),
            server: "15.1".into(),
            pg_dump: "18.0".into(),
            ..Contents::default()
        };
        let now = jiff::Timestamp::UNIX_EPOCH.to_zoned(jiff::tz::TimeZone::UTC);
        for codec in [Codec::None, Codec::Gzip, Codec::Zstd] {
            let level = i32::from(codec != Codec::None);
            let mut writer =
                ContentsWriter::begin(Cursor::new(Vec::new()), &head, Compression { codec, level }, &now)
                    .unwrap();
            writer.entry(&entry, Some("7.dat")).unwrap();
            let written = writer.finish().unwrap().into_inner();
            let read = Contents::read(&written).unwrap();
            assert_eq!(read.format, head.format_for(codec));
            assert!(
                read.created.is_some_and(|read| read.duration_since(now.timestamp()).as_hours().abs() < 24)
            );
            assert_eq!((read.database.as_str(), read.server.as_str()), ("d", "15.1"));
            assert_eq!(format!("{:?}", read.entries), format!("{:?}", [&entry]));
        }
    }
}
