//! One script that stands for many: their texts in order, under a head that names what they were.
//!
//! The head is what the file is known by later: where these versions were applied one by one, it has nothing to do, and
//! that their own files are gone is as it should be.

use super::conventions::{ALL, Baseline};
use super::text;
use super::{Migration, MigrationKind, Script, Transaction};
use common::error::{Error, Result};
use common::sql::split::{Event, Splitter};
use std::collections::HashSet;
use std::path::Path;

/// What stands before the versions that a script replaces.
const REPLACES: &str = "pgshift: replaces ";

/// How many versions are named in one line.
const A_LINE: usize = 10;

/// The versions that this migration replaces, by its head.
pub(crate) fn replaced(migration: &Migration) -> Vec<&str> {
    let named = text::header(&migration.up.text).filter_map(|(_, comment)| comment.strip_prefix(REPLACES));
    named.flat_map(str::split_ascii_whitespace).collect()
}

/// What a script is in a convention that has no names for files that stand for many: its head says it.
pub(super) fn kind(up: &Script) -> MigrationKind {
    let stands = text::header(&up.text).any(|(_, comment)| comment.starts_with(REPLACES));
    if stands { MigrationKind::Baseline } else { MigrationKind::Versioned }
}

/// Puts a script that stands for many before the last of them, which has the same version.
pub(super) fn in_order(migrations: &mut [Migration]) {
    for last in 1..migrations.len() {
        if let Some([one, other]) = migrations.get_mut(last - 1..=last)
            && one.version == other.version
            && (one.kind, other.kind) == (MigrationKind::Versioned, MigrationKind::Baseline)
        {
            std::mem::swap(one, other);
        }
    }
}

/// Whether scripts that stand for `migrations` want no transaction.
pub(crate) fn wants_none(migrations: &[&Migration]) -> bool {
    migrations.iter().any(|migration| migration.up.transaction == Transaction::No)
}

/// The text that stands for `migrations`, in the convention of this name.
pub(crate) fn script(convention: &str, migrations: &[&Migration], baseline: &Baseline) -> Result<Vec<u8>> {
    let known = ALL.into_iter().find(|known| known.name() == convention);
    let is_frame = |line: &text::Line<'_>| known.is_some_and(|known| known.is_frame(line));
    let mut versions: Vec<&str> = Vec::new();
    for migration in migrations {
        versions.extend(replaced(migration));
        versions.push(&migration.version);
    }
    let mut seen = HashSet::new();
    versions.retain(|version| seen.insert(*version));
    let [with, without] = baseline.first;
    let mut all = String::from(if wants_none(migrations) { without } else { with });
    for line in versions.chunks(A_LINE) {
        all.push_str("-- ");
        all.push_str(REPLACES);
        all.push_str(&line.join(" "));
        all.push('\n');
    }
    if wants_none(migrations) {
        all.push_str("-- pgshift: no-transaction\n");
    }
    let mut all = all.into_bytes();
    for (index, migration) in migrations.iter().enumerate() {
        let name = migration.up.path.file_name().unwrap_or_default().to_string_lossy();
        all.extend(format!("\n-- {}\n", name.replace(['\n', '\r'], " ")).into_bytes());
        // What one script sets does not reach the next one.
        if index > 0 {
            all.extend(b"RESET ALL;\n");
        }
        let own = migration.up.written.as_ref().unwrap_or(&migration.up.text);
        let kept = text::lines(own).filter(|line| !is_frame(line));
        let own: Vec<u8> = kept.flat_map(|line| own.get(line.at).unwrap_or_default()).copied().collect();
        all.extend_from_slice(&own);
        all.extend_from_slice(end(&own, &migration.up.path)?);
    }
    Ok(all)
}

/// What a script lacks at its end for another one to follow it.
fn end(script: &[u8], path: &Path) -> Result<&'static [u8]> {
    let mut splitter = Splitter::new(script);
    let mut open = false;
    loop {
        match splitter.event().map_err(|error| error.context(format!("cannot read {}", path.display())))? {
            Event::Statement(statement) => open = !statement.ended,
            Event::Meta(meta) => {
                let what = String::from_utf8_lossy(meta.text).into_owned();
                let message = format!("{}, line {}: only psql can run {what}", path.display(), meta.line);
                return Err(Error::failed("not_sql", message));
            }
            Event::CopyData(_) | Event::CopyEnd => open = false,
            Event::End(_) if open => return Ok(b"\n;\n"),
            Event::End(_) => return Ok(if script.ends_with(b"\n") { b"" } else { b"\n" }),
        }
    }
}
