//! The schema's part of the proof: the copy's catalogs beside those of the source, in both directions.

use super::Verification;
use crate::copy::Copy;
use crate::records::VersionNote;
use crate::report::Report;
use common::cli::signals;
use common::error::Result;
use common::format::manifest::{Manifest, Selection};
use common::inventory::{Inventory, SchemaDifference, Scope, compare};
use common::pg::session::Session;
use common::pg::target::Target;
use std::collections::HashSet;

/// What the catalogs said.
pub(super) struct Schema {
    /// Objects on both sides together, each counted once a side.
    pub(super) objects: u64,
    /// What is held against the copy.
    pub(super) differences: Vec<SchemaDifference>,
}

/// Compares the schema; `None` when the snapshot does not tell what it was.
pub(super) fn prove(
    verification: &Verification<'_>,
    manifest: &Manifest,
    copy: &Copy,
    report: &Report<'_>,
) -> Result<Option<Schema>> {
    let blocks = &manifest.schema.inventory;
    if blocks.is_empty() {
        report.skipped("the schema", "the snapshot was made by a release that did not write down what it is");
        return Ok(None);
    }
    let mut bytes = Vec::new();
    for block in blocks {
        bytes.extend(verification.store.block(block, "the schema")?);
    }
    let expected = Inventory::decode(&bytes)?;
    let mut session = session(copy.target(), manifest)?;
    session.execute("BEGIN READ ONLY")?;
    let mut found = Inventory::read(&mut session)?;
    session.execute("COMMIT")?;
    if manifest.selection != Selection::default() {
        leave_out_what_every_database_has(&mut found, &expected, copy, manifest)?;
    }
    let objects = (expected.objects.len() + found.objects.len()) as u64;
    let mut differences = compare(&expected, &found, &scope(verification, copy), Some(&mut session))?;
    differences.retain(|difference| {
        if difference.could_not_be_asked() {
            let (object, property, ..) = told(difference);
            report.skipped(format!("{property} of {object}"), difference.note.clone().unwrap_or_default());
            return false;
        }
        let reason = difference
            .note
            .clone()
            .or_else(|| report.excuse(&difference.object, difference.property.as_deref()));
        if let Some(reason) = reason {
            verification.session.emit(&note(difference, reason));
            return false;
        }
        true
    });
    Ok(Some(Schema { objects, differences }))
}

fn session(target: &Target, manifest: &Manifest) -> Result<Session> {
    let mut session = Session::open(target)?;
    session.stop_when(signals::stop_requested)?;
    session.pin_for_writing()?;
    if manifest.schema.encoding == "SQL_ASCII" {
        session.execute("SET client_encoding = 'SQL_ASCII'")?;
    }
    Ok(session)
}

/// A part of a database is restored into one that has a schema `public` already, and a language.
fn leave_out_what_every_database_has(
    found: &mut Inventory,
    expected: &Inventory,
    copy: &Copy,
    manifest: &Manifest,
) -> Result<()> {
    // The one of the two that every new cluster has and that is not the copy itself.
    let beside = if copy.target().database() == "template1" { "postgres" } else { "template1" };
    let fresh = Inventory::read(&mut session(&copy.target().with_database(beside), manifest)?)?;
    let identity = |object: &common::inventory::Object| (object.kind.to_string(), object.name.to_string());
    let fresh: HashSet<_> = fresh.objects.iter().map(identity).collect();
    let wanted: HashSet<_> = expected.objects.iter().map(identity).collect();
    found.objects.retain(|object| wanted.contains(&identity(object)) || !fresh.contains(&identity(object)));
    Ok(())
}

/// What of the schema was brought into the copy.
fn scope(verification: &Verification<'_>, copy: &Copy) -> Scope {
    Scope {
        owners: !verification.args.no_owner,
        privileges: !verification.args.no_privileges,
        tablespaces: copy.is_private(),
        ..Scope::default()
    }
}

fn note(difference: &SchemaDifference, reason: String) -> VersionNote {
    let (object, property, expected, found) = told(difference);
    VersionNote { object, property, expected, found, reason }
}

/// Object, property, expected and found, as records have them.
pub(super) fn told(difference: &SchemaDifference) -> (String, String, String, String) {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    let property = difference.property.clone().unwrap_or_else(|| "presence".to_owned());
    (difference.object.clone(), property, value(&difference.expected), value(&difference.found))
}
