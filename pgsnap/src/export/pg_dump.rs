//! pg_dump's directory format: `toc.dat`, a file for each table's rows, and large objects.
//!
//! The table of contents is the one that pg_dump wrote when the snapshot was taken; what it lacks there are the rows.
//! Source: `src/bin/pg_dump/pg_backup_directory.c`, `pg_dump.c`.

use super::Export;
use super::objects::Object;
use super::staged::Staged;
use common::cli::signals;
use common::error::{Context as _, Error, Result};
use common::format::manifest::{LargeObjects, Segment, Table};
use common::format::stream::Squeezer;
use common::name::{QualifiedName, literal};
use common::pg::archive::{ContentsWriter, Entry, Section};
use common::pipeline::observer::{Fact, Observer as _};
use common::pipeline::replay::Part;
use common::workers::{Crew, Outcome};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// The table of contents of the large objects' files.
const OBJECTS: &str = "blobs.toc";
/// `pg_largeobject`.
const OBJECTS_CATALOG: u32 = 2613;

/// Bytes that are kept before they go to a file.
const BUFFER: usize = 256 << 10;

/// A table's rows, and the number of their entry.
struct Rows<'a> {
    id: i32,
    table: &'a Table,
}

enum Job<'a> {
    Rows(&'a Rows<'a>),
    Objects(&'a Segment),
}

/// Writes `export` into the new directory `place`.
pub(crate) fn pg_dump(export: &Export<'_>, place: &Path) -> Result<()> {
    let staged = Staged::directory(place)?;
    let part = export.part("exporting");
    let mut ids = Ids::after(export);
    let rows: Vec<Rows<'_>> = part.tables.iter().map(|table| Rows { id: ids.next(), table }).collect();
    let objects = part.large_objects.filter(|objects| objects.count > 0);
    let mut jobs: Vec<Job<'_>> = rows.iter().map(Job::Rows).collect();
    jobs.sort_by_key(|job| {
        std::cmp::Reverse(if let Job::Rows(rows) = job { rows.table.fingerprint.bytes } else { 0 })
    });
    jobs.extend(objects.iter().flat_map(|objects| &objects.content).map(Job::Objects));
    let filled = Mutex::new(Vec::new());
    let writer = Writer { export, staged: &staged };
    Crew::new(export.jobs, signals::stop_requested).work(
        jobs,
        || Ok(()),
        |(), job| {
            match job {
                Job::Rows(rows) => writer.rows(rows)?,
                Job::Objects(segment) => {
                    let oids = writer.objects(segment)?;
                    filled.lock().unwrap_or_else(PoisonError::into_inner).extend(oids);
                }
            }
            Ok(Outcome::Done)
        },
    )?;
    let filled = filled.into_inner().unwrap_or_else(PoisonError::into_inner);
    writer.contents(&part, &rows, objects, filled, &mut ids)?;
    staged.commit()
}

/// Numbers for entries that the schema's archive has not.
struct Ids(i32);

impl Ids {
    fn after(export: &Export<'_>) -> Self {
        Self(export.contents.entries.iter().map(|entry| entry.id).max().unwrap_or_default())
    }

    fn next(&mut self) -> i32 {
        self.0 += 1;
        self.0
    }
}

struct Writer<'a> {
    export: &'a Export<'a>,
    staged: &'a Staged,
}

impl Writer<'_> {
    /// The name of a data file as it is found in the directory; the table of contents names it without the ending.
    fn file(&self, name: &str) -> String {
        format!("{name}{}", self.export.compression.codec.ending())
    }

    fn rows(&self, rows: &Rows<'_>) -> Result<()> {
        let begun = Instant::now();
        let name = self.file(&data_file(rows.id));
        let cannot = || format!("cannot write {name}");
        let file = BufWriter::with_capacity(BUFFER, self.staged.new_file(&name)?);
        let mut out = Squeezer::new(file, self.export.compression).context(cannot)?;
        self.export.copy_text(rows.table, &mut out)?;
        finish(out, cannot)?;
        self.export.tell(rows.table, Some(name), begun);
        Ok(())
    }

    /// Writes the files of the objects of a segment; their OIDs. A further piece goes behind the earlier ones, compressed by
    /// itself, which readers of gzip and zstd take for one.
    fn objects(&self, segment: &Segment) -> Result<Vec<u32>> {
        let mut oids = Vec::new();
        self.export.pieces(segment, |oid, number, bytes| {
            let name = self.file(&object_file(oid));
            let cannot = || format!("cannot write {name}");
            let file = if number == 0 {
                oids.push(oid);
                self.staged.new_file(&name)?
            } else {
                self.staged.append(&name)?
            };
            let mut out = Squeezer::new(BufWriter::new(file), self.export.compression).context(cannot)?;
            out.write_all(bytes).context(cannot)?;
            finish(out, cannot)
        })?;
        Ok(oids)
    }

    /// Writes the table of contents.
    fn contents(
        &self,
        part: &Part<'_>,
        rows: &[Rows<'_>],
        objects: Option<&LargeObjects>,
        mut filled: Vec<u32>,
        ids: &mut Ids,
    ) -> Result<()> {
        let export = self.export;
        let created: jiff::Timestamp = export.manifest.created.parse().map_err(|_| {
            Error::failed("damaged", "the manifest does not tell when the snapshot was taken")
        })?;
        let created = created.to_zoned(jiff::tz::TimeZone::system());
        let file = BufWriter::with_capacity(BUFFER, self.staged.new_file("toc.dat")?);
        let mut toc = ContentsWriter::begin(file, export.contents, export.compression, &created)?;
        let wanted = self.wanted()?;
        let entries: Vec<&Entry> =
            export.contents.entries.iter().filter(|entry| wanted.contains(&entry.id)).collect();
        let behind =
            entries.iter().position(|entry| entry.section == Section::AfterData).unwrap_or(entries.len());
        let (before, after) = entries.split_at(behind);
        before.iter().try_for_each(|entry| toc.entry(entry, None))?;
        if let Some(objects) = objects {
            export.objects(objects, |object| {
                object_entries(object, ids)?.iter().try_for_each(|entry| toc.entry(entry, None))
            })?;
            export.report.note(Fact::LargeObjects {
                count: objects.count,
                bytes: objects.content.iter().map(|segment| segment.fingerprint.bytes).sum(),
            });
        }
        let known = Known::of(&entries);
        let mut earlier = None;
        for rows in rows {
            let entry = self.rows_entry(rows, &known, &mut earlier);
            toc.entry(&entry, Some(&data_file(rows.id)))?;
        }
        if !filled.is_empty() {
            filled.sort_unstable();
            self.objects_contents(&filled)?;
            let entry = Entry {
                id: ids.next(),
                section: Section::Data,
                tag: "BLOBS".into(),
                kind: "BLOBS".into(),
                ..Entry::default()
            };
            toc.entry(&entry, Some(OBJECTS))?;
        }
        for sequence in &part.sequences {
            let name = QualifiedName::new(&sequence.schema, &sequence.name);
            let set = format!(
                "SELECT pg_catalog.setval({}, {}, {});\n\n",
                literal(&name.to_string()).trim_start(),
                sequence.last_value,
                sequence.is_called
            );
            let of = known.get("SEQUENCE", &name);
            toc.entry(&state(ids.next(), "SEQUENCE SET", &name, of, set), None)?;
        }
        after.iter().try_for_each(|entry| toc.entry(entry, None))?;
        let mut earlier = None;
        for view in part.matviews.iter().filter(|view| view.populated) {
            let name = QualifiedName::new(&view.schema, &view.name);
            let refresh = format!("REFRESH MATERIALIZED VIEW {name};\n\n");
            let of = known.get("MATERIALIZED VIEW", &name);
            let mut entry = state(ids.next(), "MATERIALIZED VIEW DATA", &name, of, refresh);
            // Each stands behind those that it reads.
            entry.needs.extend(earlier.replace(entry.id));
            entry.section = Section::AfterData;
            toc.entry(&entry, None)?;
        }
        let file = toc.finish()?;
        sync(file, || "cannot write toc.dat".to_owned())
    }

    /// The numbers of the entries of the schema that are written: what was chosen, and what is said of the whole.
    fn wanted(&self) -> Result<HashSet<i32>> {
        let export = self.export;
        let chosen = export.choice.entries(export.contents, &export.spelling, export.report)?;
        let mut wanted: HashSet<i32> = chosen.iter().map(|(_, entry)| entry.id).collect();
        wanted.extend(export.contents.database().map(|entry| entry.id));
        let whole = |entry: &&Entry| matches!(entry.kind.as_str(), "ENCODING" | "STDSTRINGS" | "SEARCHPATH");
        wanted.extend(export.contents.entries.iter().filter(whole).map(|entry| entry.id));
        Ok(wanted)
    }

    /// `earlier` is the entry of an extension's rows before: these tables have their foreign keys already.
    fn rows_entry(&self, rows: &Rows<'_>, known: &Known<'_>, earlier: &mut Option<i32>) -> Entry {
        let table = rows.table;
        let made = known.get("TABLE", &table.qualified());
        let mut entry = state(rows.id, "TABLE DATA", &table.qualified(), made, String::new());
        entry.owner.clone_from(&table.owner);
        entry.copy = Some(self.export.copy_statement(table));
        if let Some(root) = &table.load_through {
            entry.definition = format!("-- load via partition root {root}");
        }
        if let Some(extension) = &table.extension {
            let name = QualifiedName::new("", extension);
            entry.needs.extend(known.get("EXTENSION", &name).map(|entry| entry.id));
            entry.needs.extend(earlier.replace(rows.id));
        }
        entry
    }

    fn objects_contents(&self, filled: &[u32]) -> Result<()> {
        let cannot = || format!("cannot write {OBJECTS}");
        let mut out = BufWriter::new(self.staged.new_file(OBJECTS)?);
        for &oid in filled {
            writeln!(out, "{oid} {}", object_file(oid)).context(cannot)?;
        }
        sync(out, cannot)
    }
}

/// Entries by what they make.
struct Known<'a>(HashMap<(&'a str, &'a str, &'a str), &'a Entry>);

impl<'a> Known<'a> {
    fn of(entries: &[&'a Entry]) -> Self {
        let key = |entry: &'a Entry| {
            (entry.kind.as_str(), entry.namespace.as_deref().unwrap_or_default(), entry.tag.as_str())
        };
        Self(entries.iter().map(|entry| (key(entry), *entry)).collect())
    }

    fn get(&self, kind: &str, name: &QualifiedName) -> Option<&'a Entry> {
        self.0.get(&(kind, name.schema.as_str(), name.name.as_str())).copied()
    }
}

/// An entry of what the relation that `of` makes holds.
fn state(id: i32, kind: &str, name: &QualifiedName, of: Option<&Entry>, definition: String) -> Entry {
    Entry {
        id,
        section: Section::Data,
        oid: of.map_or(0, |of| of.oid),
        tag: name.name.clone(),
        kind: kind.to_owned(),
        namespace: Some(name.schema.clone()),
        owner: of.map_or_else(String::new, |of| of.owner.clone()),
        definition,
        needs: of.iter().map(|of| of.id).collect(),
        ..Entry::default()
    }
}

/// The object, its comment, its privileges.
fn object_entries(object: &Object, ids: &mut Ids) -> Result<Vec<Entry>> {
    let id = ids.next();
    let made = Entry {
        id,
        section: Section::BeforeData,
        catalog: OBJECTS_CATALOG,
        oid: object.oid,
        tag: object.oid.to_string(),
        kind: "BLOB".into(),
        definition: object.create(),
        drop: object.unlink(),
        owner: object.owner.clone(),
        ..Entry::default()
    };
    let mut entries = vec![made];
    for (kind, definition) in [("COMMENT", object.comment()), ("ACL", object.grants()?)] {
        entries.extend(definition.map(|definition| Entry {
            id: ids.next(),
            tag: object.name(),
            kind: kind.into(),
            definition,
            owner: object.owner.clone(),
            needs: vec![id],
            ..Entry::default()
        }));
    }
    Ok(entries)
}

fn data_file(id: i32) -> String {
    format!("{id}.dat")
}

fn object_file(oid: u32) -> String {
    format!("blob_{oid}.dat")
}

fn finish(out: Squeezer<BufWriter<File>>, cannot: impl Fn() -> String + Copy) -> Result<()> {
    sync(out.finish().context(cannot)?, cannot)
}

fn sync(out: BufWriter<File>, cannot: impl Fn() -> String + Copy) -> Result<()> {
    let file = out.into_inner().map_err(std::io::IntoInnerError::into_error).context(cannot)?;
    file.sync_all().context(cannot)
}
