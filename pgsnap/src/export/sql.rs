//! A script for psql: the schema before the rows, the rows, what comes behind them.
//!
//! It sets what the rows rest on by itself, and forbids psql every command of its own while it runs, as pg_dump's scripts do.

use super::Export;
use super::staged::Staged;
use common::error::{Context as _, Result};
use common::format::manifest::LargeObjects;
use common::name::{QualifiedName, literal};
use common::pg::archive::{Entry, Stage};
use common::pg::settings::for_writing;
use common::pg::text;
use common::pipeline::observer::{Fact, Observer as _};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

const BUFFER: usize = 256 << 10;

/// Writes `export` into the new file `place`, or to stdout.
pub(crate) fn sql(export: &Export<'_>, place: Option<&Path>) -> Result<()> {
    let Some(place) = place else {
        let out = BufWriter::with_capacity(BUFFER, export.session.data());
        return Script { export, out }.write().map(drop);
    };
    let (staged, file) = Staged::file(place)?;
    let out = Script { export, out: BufWriter::with_capacity(BUFFER, file) }.write()?;
    let cannot = || format!("cannot write {}", place.display());
    let file = out.into_inner().map_err(std::io::IntoInnerError::into_error).context(cannot)?;
    file.sync_all().context(cannot)?;
    staged.commit()
}

struct Script<'a, W: Write> {
    export: &'a Export<'a>,
    out: W,
}

impl<W: Write> Script<'_, W> {
    fn write(mut self) -> Result<W> {
        let export = self.export;
        let key = common::random_hex::<32>()?;
        self.head(&key)?;
        let part = export.part("exporting");
        let staged = export.choice.entries(export.contents, &export.spelling, export.report)?;
        self.made(&staged, Stage::BeforeData)?;
        if let Some(objects) = part.large_objects.filter(|objects| objects.count > 0) {
            self.objects(objects)?;
        }
        // Extensions make their tables with foreign keys in place: these come first, in the manifest's order.
        let (first, others): (Vec<_>, Vec<_>) =
            part.tables.iter().partition(|table| table.extension.is_some());
        for table in first.into_iter().chain(others) {
            let begun = Instant::now();
            self.say(&export.copy_statement(table))?;
            export.copy_text(table, &mut self.out)?;
            export.tell(table, None, begun);
        }
        self.made(&staged, Stage::AfterData)?;
        for sequence in &part.sequences {
            let name = QualifiedName::new(&sequence.schema, &sequence.name).to_string();
            let name = literal(&name);
            let (value, called) = (&sequence.last_value, sequence.is_called);
            self.say(&format!("SELECT pg_catalog.setval({}, {value}, {called});\n", name.trim_start()))?;
        }
        self.made(&staged, Stage::Privileges)?;
        for view in part.matviews.iter().filter(|view| view.populated) {
            let name = QualifiedName::new(&view.schema, &view.name);
            self.say(&format!("REFRESH MATERIALIZED VIEW {name};\n"))?;
        }
        self.made(&staged, Stage::Last)?;
        self.say(&format!("\n--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict {key}\n\n"))?;
        self.out.flush().context(cannot)?;
        Ok(self.out)
    }

    fn head(&mut self, key: &str) -> Result<()> {
        let manifest = self.export.manifest;
        let one_line = |text: &str| text.replace(char::is_control, " ");
        self.say(&format!(
            "--\n-- PostgreSQL database dump\n--\n\n\\restrict {key}\n\n\
             -- Dumped from database version {}\n-- Dumped by pg_dump version {}\n\
             -- Snapshot {} of database \"{}\", taken {}, written by pgsnap {}\n\
             -- Into an empty database: psql -X -v ON_ERROR_STOP=1 -d DATABASE -f FILE\n\n",
            one_line(&manifest.source.server_version),
            one_line(&manifest.schema.pg_dump),
            manifest.id,
            one_line(&manifest.source.database),
            one_line(&manifest.created),
            env!("CARGO_PKG_VERSION"),
        ))?;
        self.say(&for_writing(&manifest.schema.encoding))?;
        self.say(&format!(";\n{}\n", self.export.contents.strings().unwrap_or_default()))
    }

    fn made(&mut self, staged: &[(Stage, &Entry)], wanted: Stage) -> Result<()> {
        let major = self.export.manifest.source.server_version_num / 10_000;
        for (_, entry) in staged.iter().filter(|(stage, _)| *stage == wanted) {
            for statement in self.export.spelling.statements(entry, major) {
                self.say(&statement)?;
                self.say("\n")?;
            }
        }
        self.say("\n")
    }

    /// Makes the objects, and fills them from pieces as the snapshot holds them.
    fn objects(&mut self, objects: &LargeObjects) -> Result<()> {
        let export = self.export;
        let spelling = &export.spelling;
        export.objects(objects, |object| {
            let owner = (!spelling.no_owner).then(|| object.own());
            let grants = if spelling.no_privileges || spelling.no_owner { None } else { object.grants()? };
            let parts = [Some(object.create()), owner, object.comment(), grants];
            parts.into_iter().flatten().try_for_each(|statement| self.say(&statement))
        })?;
        self.say("CREATE TEMPORARY TABLE pgsnap_pieces (id pg_catalog.oid, number pg_catalog.int8, bytes pg_catalog.bytea);\n")?;
        for segment in &objects.content {
            self.say("COPY pg_temp.pgsnap_pieces FROM stdin;\n")?;
            export.blocks(segment, "large objects", |rows| self.out.write_all(rows).context(cannot))?;
            self.say(&format!(
                "\\.\n\nSELECT pg_catalog.count(*) FROM (SELECT pg_catalog.lo_put(id, number * {}, bytes) FROM pg_temp.pgsnap_pieces) AS done;\n\
                 TRUNCATE pg_temp.pgsnap_pieces;\n",
                objects.piece_bytes
            ))?;
        }
        self.say("DROP TABLE pg_temp.pgsnap_pieces;\n\n")?;
        export.report.note(Fact::LargeObjects {
            count: objects.count,
            bytes: objects.content.iter().map(|segment| segment.fingerprint.bytes).sum(),
        });
        Ok(())
    }

    fn say(&mut self, words: &str) -> Result<()> {
        self.out.write_all(&text::encode(words)).context(cannot)
    }
}

fn cannot() -> String {
    "cannot write the script".to_owned()
}
