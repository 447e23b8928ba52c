//! The proof: everything is read back from the copy and compared with what was read at the source.

use super::{Verification, rows, schema};
use crate::copy::Copy;
use crate::records::Difference;
use crate::report::Report;
use common::cli::{human, signals};
use common::error::{Class, Error, Result};
use common::format::manifest::Manifest;
use common::pg::archive::Contents;
use common::pipeline::observer::{Fact, Observer as _};
use common::pipeline::replay::{Choice, Part};
use common::proof::compare::{Comparison, Difference as Found};
use common::records::Warning;

/// What was compared, and what came of it.
#[derive(Debug, Default)]
pub(super) struct Proof {
    pub(super) tables: u64,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) sequences: u64,
    pub(super) large_objects: u64,
    pub(super) objects: u64,
    pub(super) differences: u64,
    pub(super) skipped: u64,
    first: Option<String>,
}

/// What is compared besides tables, counted.
#[derive(Debug, Default)]
struct Others {
    sequences: u64,
    large_objects: u64,
    matviews: u64,
}

/// How the name of a table's difference begins.
const TABLE: &str = "table ";

pub(super) fn prove(
    verification: &Verification<'_>,
    manifest: &Manifest,
    contents: &Contents,
    copy: &Copy,
    report: &Report<'_>,
) -> Result<Proof> {
    report.note(Fact::Phase("comparing the schema"));
    let schema = schema::prove(verification, manifest, copy, report)?;
    let choice = Choice { schemas: Vec::new(), tables: Vec::new() };
    let wanted = choice.part(contents, manifest);
    let expected_rows: u64 = wanted.tables.iter().map(|table| table.fingerprint.rows).sum();
    let expected_bytes = bytes(&wanted);
    let mut proof = Proof::default();
    let others = Others {
        sequences: wanted.sequences.len() as u64,
        large_objects: wanted.large_objects.map_or(0, |objects| objects.count),
        matviews: wanted.matviews.len() as u64,
    };
    if let Some(schema) = schema {
        proof.objects = schema.objects;
        for difference in &schema.differences {
            let (object, property, expected, found) = schema::told(difference);
            proof.tell(verification, &Difference { object, property, expected, found });
        }
    }
    if verification.args.fail_fast && proof.differences > 0 {
        return Ok(proof.result(verification));
    }
    report.note(Fact::Planned { phase: "proving", bytes: expected_bytes });
    let (compared, differences) = Comparison {
        target: copy.target(),
        manifest,
        tables: wanted.tables,
        sequences: wanted.sequences,
        matviews: wanted.matviews,
        large_objects: wanted.large_objects,
        large_object_catalog: !verification.args.no_owner && !verification.args.no_privileges,
        role: None,
        jobs: usize::from(verification.args.jobs),
        fail_fast: verification.args.fail_fast,
        stop: signals::stop_requested,
        advanced: &|bytes| report.note(Fact::Advanced(bytes)),
    }
    .run()?;
    report.note(Fact::Phase("done"));
    (proof.tables, proof.rows, proof.bytes) = (compared.tables, compared.rows, compared.bytes);
    // What stopped at the first difference has not come to them.
    let has_stopped = verification.args.fail_fast && !differences.is_empty();
    let counted = if has_stopped { Others::default() } else { others };
    (proof.sequences, proof.large_objects) = (counted.sequences, counted.large_objects);
    let (tables, others): (Vec<Found>, Vec<Found>) =
        differences.into_iter().partition(|difference| difference.object.starts_with(TABLE));
    for difference in others {
        proof.add(verification, difference);
    }
    proof.follow(verification, manifest, copy, tables)?;
    let mut result = verification.session.result();
    *result.expected_rows.get_or_insert_default() += expected_rows;
    *result.expected_bytes.get_or_insert_default() += expected_bytes;
    *result.materialized_views.get_or_insert_default() += counted.matviews;
    drop(result);
    Ok(proof.result(verification))
}

/// Bytes that were read at the source, large objects included.
fn bytes(wanted: &Part<'_>) -> u64 {
    let tables: u64 = wanted.tables.iter().map(|table| table.fingerprint.bytes).sum();
    let objects = wanted.large_objects.iter().flat_map(|objects| &objects.content);
    tables + objects.map(|segment| segment.fingerprint.bytes).sum::<u64>()
}

impl Proof {
    /// Whether all was compared and is equal, and there was something. A schema alone proves nothing: every database has one.
    pub(super) fn is_equal(&self) -> bool {
        self.differences == 0 && self.skipped == 0 && self.tables + self.sequences + self.large_objects > 0
    }

    fn add(&mut self, verification: &Verification<'_>, found: Found) {
        if found.derived {
            let message = format!(
                "{} was not up to date when the snapshot was taken, or its query has no fixed answer: it had {}, \
                 filled again it has {}",
                found.object, found.expected, found.found
            );
            verification.session.warn(&Warning::new("matview_refreshed", message).object(&found.object));
            return;
        }
        let property = property(&found.object).to_owned();
        let Found { object, expected, found, .. } = found;
        self.tell(verification, &Difference { object, property, expected, found });
    }

    /// Tells of tables with the rows that differ.
    fn follow(
        &mut self,
        verification: &Verification<'_>,
        manifest: &Manifest,
        copy: &Copy,
        tables: Vec<Found>,
    ) -> Result<()> {
        if tables.is_empty() {
            return Ok(());
        }
        let names = tables.iter().filter_map(|table| table.object.strip_prefix(TABLE)).map(str::to_owned);
        let (differences, first) = rows::follow(verification, manifest, copy, names.collect())?;
        if differences == 0 {
            // Its sum differs all the same.
            for table in tables {
                self.add(verification, table);
            }
        }
        self.differences += differences;
        self.first = self.first.take().or(first);
        Ok(())
    }

    fn tell(&mut self, verification: &Verification<'_>, difference: &Difference) {
        self.differences += 1;
        self.first.get_or_insert_with(|| {
            let Difference { object, property, expected, found } = difference;
            format!("{object}, {property}: expected {expected}, found {found}")
        });
        verification.session.emit(difference);
    }

    /// Adds it to the run's result.
    fn result(mut self, verification: &Verification<'_>) -> Self {
        let mut result = verification.session.result();
        self.skipped = result.skipped.unwrap_or(0);
        *result.tables.get_or_insert_default() += self.tables;
        *result.found_rows.get_or_insert_default() += self.rows;
        *result.found_bytes.get_or_insert_default() += self.bytes;
        *result.sequences.get_or_insert_default() += self.sequences;
        *result.large_objects.get_or_insert_default() += self.large_objects;
        *result.objects.get_or_insert_default() += self.objects;
        *result.differences.get_or_insert_default() += self.differences;
        result.proved = Some(result.proved.unwrap_or(true) && self.is_equal());
        self
    }

    /// The verdict.
    pub(super) fn judge(&self, manifest: &Manifest) -> Result<()> {
        if self.differences > 0 {
            let what = format!(
                "the restored copy differs from snapshot {} in {}",
                manifest.id,
                human::plural(self.differences, "object")
            );
            let error = Error::new(Class::No, "differs", what);
            return Err(match &self.first {
                Some(first) => error.cause(first.clone()),
                None => error,
            });
        }
        if self.skipped > 0 {
            let what = format!("{} could not be compared", human::plural(self.skipped, "thing"));
            return Err(Error::failed("not_compared", what));
        }
        if !self.is_equal() {
            return Err(Error::failed(
                "nothing_compared",
                "nothing was compared: the snapshot holds nothing",
            ));
        }
        Ok(())
    }
}

fn property(object: &str) -> &'static str {
    match object.split(' ').next() {
        Some("sequence") => "state",
        Some("owners,") => "catalog",
        Some("large") => "content",
        _ => "rows",
    }
}
