//! What the work reports, as records and progress.

use crate::records::{Skipped, Step, VerifyResult};
use common::cli::{Meter, Session};
use common::pipeline::observer::{Fact, Observer};
use common::records::Warning;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Turns facts into records of one run.
pub(crate) struct Report<'a> {
    session: &'a Session<VerifyResult>,
    meter: Mutex<Option<Meter>>,
    lacks_locale: AtomicBool,
}

/// What of a database is other where its locale is missing.
const OF_A_LOCALE: [&str; 5] = ["collate", "ctype", "locale", "provider", "rules"];

impl<'a> Report<'a> {
    pub(crate) fn new(session: &'a Session<VerifyResult>) -> Self {
        Self { session, meter: Mutex::new(None), lacks_locale: AtomicBool::new(false) }
    }

    /// Something was not compared.
    pub(crate) fn skipped(&self, object: impl Into<String>, reason: impl Into<String>) {
        *self.session.result().skipped.get_or_insert_default() += 1;
        self.session.emit(&Skipped { object: object.into(), reason: reason.into() });
    }

    /// A part of the work is done.
    pub(crate) fn step(&self, step: &str, count: u64, seconds: f64) {
        self.session.emit(&Step { step: step.to_owned(), count, seconds });
    }

    /// Why a difference is not held against the copy, when this host explains it.
    pub(crate) fn excuse(&self, object: &str, property: Option<&str>) -> Option<String> {
        let of_a_locale =
            object == "database" && property.is_some_and(|property| OF_A_LOCALE.contains(&property));
        (of_a_locale && self.lacks_locale.load(Ordering::Relaxed))
            .then(|| "this host lacks the locale".to_owned())
    }

    fn show(&self, phase: &'static str, total: Option<u64>) {
        let mut meter = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
        // The old one leaves the terminal before the new one enters.
        *meter = None;
        *meter = Some(self.session.meter(phase, total));
    }
}

impl Observer for Report<'_> {
    fn note(&self, fact: Fact) {
        match fact {
            Fact::Phase(phase) => self.show(phase, None),
            Fact::Planned { bytes, phase, .. } => self.show(phase, Some(bytes)),
            Fact::Advanced(bytes) => {
                if let Some(meter) = &*self.meter.lock().unwrap_or_else(PoisonError::into_inner) {
                    meter.add(bytes);
                }
            }
            // Tables are told when they were compared, not when they were filled.
            Fact::Table { .. } | Fact::LargeObjects { .. } => {}
            Fact::Step { step, count, seconds } => self.step(step, count, seconds),
            Fact::Skipped { object, reason } => self.skipped(object, reason),
            Fact::Warning { code, message } => {
                self.lacks_locale.fetch_or(code == "locale_missing", Ordering::Relaxed);
                self.session.warn(&Warning::new(code, message));
            }
            Fact::Retried { object, reason } => {
                self.session.warn(&Warning::new("retried", format!("{object} is read again: {reason}")));
            }
        }
    }
}
