//! A table that differs, followed down to its rows.

use super::Verification;
use crate::compare::Comparison;
use crate::compare::names::Patterns;
use crate::compare::side::{self, Found};
use crate::compare::stored::Stored;
use crate::compare::tell::Teller;
use crate::copy::Copy;
use common::error::Result;
use common::format::manifest::{Manifest, Selection};
use common::records::Warning;
use common::throttle::Limits;

/// How many rows are told: with a table that is wholly another, the first ones say enough.
const MOST: u64 = 1000;

/// Tells which rows of `tables` (qualified, quoted) differ; how many things did, and the first.
pub(super) fn follow(
    verification: &Verification<'_>,
    manifest: &Manifest,
    copy: &Copy,
    tables: Vec<String>,
) -> Result<(u64, Option<String>)> {
    let asked = Patterns::parse(&Selection { tables, ..Selection::default() })?;
    let store = verification.store.reopen()?;
    let stored = Found::Stored(Box::new(Stored::open(store, manifest.clone())?));
    let (a, b) = side::open(stored, Found::Live(Box::new(copy.target().clone())), &asked)?;
    let teller = Teller::limited(verification.session, verification.args.fail_fast, MOST);
    let jobs = usize::from(verification.args.jobs);
    let done = Comparison {
        a: &a,
        b: &b,
        asked: &asked,
        jobs,
        rows: true,
        data: true,
        schema: false,
        recheck: None,
        limits: Limits::default(),
        teller: &teller,
    }
    .run();
    teller.done();
    done?;
    if teller.is_full() && !verification.args.fail_fast {
        let message =
            format!("the first {MOST} rows that differ were told; `pgverify compare --rows` tells all");
        verification.session.warn(&Warning::new("more_rows", message));
    }
    let tally = teller.tally();
    Ok((tally.differences, tally.first.clone()))
}
