//! A directory with a CSV file for each table, and `index.json`, which says whose each is.

use super::names::Names;
use super::staged::Staged;
use super::{Export, stopped};
use crate::rows::{csv_line, header};
use common::cli::signals;
use common::error::{Context as _, Error, Result};
use common::format::copy_text::Charset;
use common::format::manifest::{Column, Table};
use common::pipeline::observer::{Fact, Observer as _};
use common::workers::{Crew, Outcome};
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Instant;

const BUFFER: usize = 256 << 10;

/// What `index.json` holds.
#[derive(Serialize)]
struct Index<'a> {
    snapshot: &'a str,
    database: &'a str,
    server_version: &'a str,
    snapshot_time: &'a str,
    tables: Vec<Listed<'a>>,
}

#[derive(Serialize)]
struct Listed<'a> {
    schema: &'a str,
    table: &'a str,
    file: String,
    rows: u64,
    columns: &'a [Column],
}

/// Writes `export` into the new directory `place`.
pub(crate) fn csv(export: &Export<'_>, place: &Path) -> Result<()> {
    let charset = Charset::of(&export.manifest.source.encoding)?;
    let staged = Staged::directory(place)?;
    let part = export.part("exporting");
    if let Some(objects) = part.large_objects.filter(|objects| objects.count > 0) {
        let object = format!("{} large objects", objects.count);
        export.report.note(Fact::Skipped { object, reason: "CSV holds the rows of tables only".to_owned() });
    }
    let mut names = Names::default();
    let listed: Vec<(&Table, String)> =
        part.tables.iter().map(|table| (*table, names.of(&table.qualified(), "csv"))).collect();
    let mut jobs: Vec<&(&Table, String)> = listed.iter().collect();
    jobs.sort_by_key(|(table, _)| std::cmp::Reverse(table.fingerprint.bytes));
    Crew::new(export.jobs, signals::stop_requested).work(
        jobs,
        || Ok(()),
        |(), (table, name)| one(export, &staged, table, name, charset).map(|()| Outcome::Done),
    )?;
    let source = &export.manifest.source;
    let tables = listed.into_iter().map(|(table, file)| Listed {
        schema: &table.schema,
        table: &table.name,
        file,
        rows: table.fingerprint.rows,
        columns: &table.columns,
    });
    let index = Index {
        snapshot: export.manifest.id.as_str(),
        database: &source.database,
        server_version: &source.server_version,
        snapshot_time: &source.snapshot_time,
        tables: tables.collect(),
    };
    let mut json = serde_json::to_vec_pretty(&index)
        .map_err(|error| Error::failed("internal", "cannot write index.json").cause(error.to_string()))?;
    json.push(b'\n');
    let mut out = BufWriter::new(staged.new_file("index.json")?);
    out.write_all(&json).context(|| "cannot write index.json".to_owned())?;
    sync(out, "index.json")?;
    staged.commit()
}

fn one(export: &Export<'_>, staged: &Staged, table: &Table, name: &str, charset: Charset) -> Result<()> {
    let begun = Instant::now();
    let owner = format!("table {}", table.qualified());
    let cannot = || format!("cannot write {name}");
    let mut out = BufWriter::with_capacity(BUFFER, staged.new_file(name)?);
    out.write_all(&header(table)).context(cannot)?;
    let (mut line, mut inexact) = (Vec::new(), 0);
    for segment in &table.segments {
        export.blocks(segment, &owner, |rows| {
            for row in rows.split_inclusive(|&byte| byte == b'\n') {
                if signals::stop_requested() {
                    return Err(stopped());
                }
                line.clear();
                inexact += csv_line(row, table, charset, &mut line)?;
                out.write_all(&line).context(cannot)?;
            }
            Ok(())
        })?;
    }
    sync(out, name)?;
    if inexact > 0 {
        let message = format!(
            "{inexact} values of {owner} are not text of encoding {}; what has no meaning became U+FFFD",
            export.manifest.source.encoding
        );
        export.report.note(Fact::Warning { code: "not_text", message });
    }
    export.tell(table, Some(name.to_owned()), begun);
    Ok(())
}

fn sync(out: BufWriter<File>, name: &str) -> Result<()> {
    let cannot = || format!("cannot write {name}");
    let file = out.into_inner().map_err(std::io::IntoInnerError::into_error).context(cannot)?;
    file.sync_all().context(cannot)
}
