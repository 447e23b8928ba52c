//! Turns what is found into records, and keeps count.

use crate::diff::{Kind, RowDifference, Shape, Sink};
use crate::records::{
    Difference, RowKind, RowRecord, Skipped, Table, Values, Verdict, VerifyResult, VersionNote,
};
use crate::sync::Script;
use common::cli::{Meter, Session};
use common::error::{Error, Result};
use common::name::QualifiedName;
use common::records::Warning;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What was found so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Tables whose rows were compared.
    pub(crate) tables: u64,
    /// Of these and of those that one side lacks, tables that differ.
    pub(crate) differing: u64,
    /// Rows of the compared tables.
    pub(crate) a_rows: u64,
    pub(crate) b_rows: u64,
    /// Bytes that were compared, and those that were read for it.
    pub(crate) a_bytes: u64,
    pub(crate) b_bytes: u64,
    pub(crate) read_bytes: u64,
    /// How often reading paused to limit the load.
    pub(crate) pauses: u64,
    /// Differing rows.
    pub(crate) missing: u64,
    pub(crate) extra: u64,
    pub(crate) changed: u64,
    pub(crate) in_flight: u64,
    /// Other things compared.
    pub(crate) sequences: u64,
    pub(crate) matviews: u64,
    pub(crate) objects: u64,
    pub(crate) large_objects: u64,
    /// Differences, tables included.
    pub(crate) differences: u64,
    /// What could not be compared, and of it what keeps equality from being told.
    pub(crate) skipped: u64,
    pub(crate) untold: u64,
    /// What was found first.
    pub(crate) first: Option<String>,
}

/// Hears of everything.
pub(crate) struct Teller<'a> {
    session: &'a Session<VerifyResult>,
    show_values: bool,
    fail_fast: bool,
    script: Option<&'a Script>,
    tally: Mutex<Tally>,
    over: AtomicBool,
    /// How many rows are told at most, and how many were.
    most: u64,
    told: AtomicU64,
    meter: Mutex<Option<Meter>>,
}

impl<'a> Teller<'a> {
    pub(crate) fn new(
        session: &'a Session<VerifyResult>,
        show_values: bool,
        fail_fast: bool,
        script: Option<&'a Script>,
    ) -> Self {
        session.csv_head::<RowRecord>();
        let (tally, over, meter) = (Mutex::default(), AtomicBool::new(false), Mutex::new(None));
        let (most, told) = (u64::MAX, AtomicU64::new(0));
        Self { session, show_values, fail_fast, script, tally, over, most, told, meter }
    }

    /// One that tells no values, and of rows only the first `most`.
    pub(crate) fn limited(session: &'a Session<VerifyResult>, fail_fast: bool, most: u64) -> Self {
        Self { most, ..Self::new(session, false, fail_fast, None) }
    }

    /// Whether as many rows were told as should be.
    pub(crate) fn is_full(&self) -> bool {
        self.told.load(Ordering::Relaxed) >= self.most
    }

    /// The script that would make side B equal to side A, when one is wanted.
    pub(crate) fn script(&self) -> Option<&'a Script> {
        self.script
    }

    /// A phase of so many bytes begins.
    pub(crate) fn phase(&self, phase: &'static str, bytes: u64) {
        let mut meter = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
        *meter = None;
        *meter = Some(self.session.meter(phase, Some(bytes)));
    }

    /// So many bytes were read.
    pub(crate) fn advanced(&self, bytes: u64) {
        if let Some(meter) = self.meter.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            meter.add(bytes);
        }
    }

    /// The last phase is over.
    pub(crate) fn done(&self) {
        *self.meter.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether enough was found: with --fail-fast, the first difference is.
    pub(crate) fn enough(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// The counts, to be changed.
    pub(crate) fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something differs.
    pub(crate) fn differs(&self, object: &str, property: &str, expected: &str, found: &str) {
        self.found(|| format!("{object}: {property}: expected {expected}, found {found}"));
        if !matches!(property, "rows" | "state") || object.starts_with("generated columns") {
            self.remark(|| format!("{object}, {property}: {expected} on side A, {found} on side B"));
        }
        self.session.emit(&Difference {
            object: object.to_owned(),
            property: property.to_owned(),
            expected: expected.to_owned(),
            found: found.to_owned(),
        });
    }

    /// Something can't be compared.
    pub(crate) fn skipped(&self, object: &str, reason: &str, counts: bool) {
        let mut tally = self.tally();
        tally.skipped += 1;
        tally.untold += u64::from(counts);
        drop(tally);
        self.remark(|| format!("{object}, which was not compared: {reason}"));
        self.session.emit(&Skipped { object: object.to_owned(), reason: reason.to_owned() });
    }

    /// Something that is no difference, and that the reader should know.
    pub(crate) fn warn(&self, warning: &Warning) {
        self.session.warn(warning);
    }

    /// Something is other because of the servers' versions.
    pub(crate) fn version_note(&self, note: &VersionNote) {
        self.session.emit(note);
    }

    /// For people.
    pub(crate) fn note(&self, message: &str) {
        self.session.note(message);
    }

    /// What became of a table. That one differs is told by a difference of its own, too; that one side lacks it is not.
    pub(crate) fn table(&self, table: &Table) {
        let compared = matches!(table.verdict, Verdict::Equal | Verdict::Differs);
        let alone = match table.verdict {
            Verdict::OnlyA => Some("is on side A alone"),
            Verdict::OnlyB => Some("is on side B alone"),
            _ => None,
        };
        if let Some(what) = alone {
            let name = QualifiedName::new(&table.schema, &table.table);
            self.remark(|| format!("table {name} {what}"));
            self.found(|| format!("table {name} {what}"));
        }
        let mut tally = self.tally();
        tally.differing += u64::from(alone.is_some() || table.verdict == Verdict::Differs);
        tally.tables += u64::from(compared);
        tally.a_rows += table.a_rows.unwrap_or_default();
        tally.b_rows += table.b_rows.unwrap_or_default();
        tally.read_bytes += table.read_bytes;
        tally.missing += table.missing.unwrap_or_default();
        tally.extra += table.extra.unwrap_or_default();
        tally.changed += table.changed.unwrap_or_default();
        tally.in_flight += table.in_flight.unwrap_or_default();
        drop(tally);
        self.session.emit(table);
    }

    /// Tells the script's reader of something that the script does not mend.
    fn remark(&self, what: impl FnOnce() -> String) {
        if let Some(script) = self.script {
            script.remark(&what());
        }
    }

    /// Counts a difference that another record tells of.
    fn found(&self, what: impl FnOnce() -> String) {
        let mut tally = self.tally();
        tally.differences += 1;
        tally.first.get_or_insert_with(what);
        if self.fail_fast {
            self.over.store(true, Ordering::Relaxed);
        }
    }
}

impl Sink for Teller<'_> {
    fn differs(&self, shape: &Shape, row: RowDifference) -> Result<ControlFlow<()>> {
        if self.told.fetch_add(1, Ordering::Relaxed) >= self.most {
            return Ok(ControlFlow::Break(()));
        }
        self.session.emit(&record(shape, &row, self.show_values)?);
        if let Some(script) = self.script {
            script.row(shape, &row)?;
        }
        if self.fail_fast {
            self.over.store(true, Ordering::Relaxed);
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn record(shape: &Shape, row: &RowDifference, show_values: bool) -> Result<RowRecord> {
    let values = |fields: Option<&Vec<Option<String>>>, places: &[usize]| -> Option<Values> {
        let fields = fields?;
        let pair =
            |&place: &usize| Some((shape.columns.get(place)?.name.clone(), fields.get(place)?.clone()));
        Some(places.iter().filter_map(pair).collect())
    };
    let some = row.a.as_ref().or(row.b.as_ref());
    let some = some.ok_or_else(|| Error::failed("internal", "a row that differs is on neither side"))?;
    let differing = row.columns();
    let names = |places: &[usize]| {
        places
            .iter()
            .filter_map(|&place| shape.columns.get(place))
            .map(|column| column.name.clone())
            .collect()
    };
    let all: Vec<usize> = (0..shape.columns.len()).collect();
    let shown = if row.kind == Kind::Changed { &differing } else { &all };
    Ok(RowRecord {
        schema: shape.table.schema.clone(),
        table: shape.table.name.clone(),
        kind: match row.kind {
            Kind::Missing => RowKind::Missing,
            Kind::Extra => RowKind::Extra,
            Kind::Changed => RowKind::Changed,
        },
        key: values(Some(some), &shape.key).unwrap_or_default(),
        columns: names(&differing),
        a_copies: row.a_copies,
        b_copies: row.b_copies,
        a: values(row.a.as_ref(), shown).filter(|_| show_values),
        b: values(row.b.as_ref(), shown).filter(|_| show_values),
    })
}
