//! Turns facts of the work into records.

use crate::records::{LargeObjects, Skipped, SnapResult, Step, Table};
use common::cli::{Meter, Session};
use common::pipeline::observer::{Fact, Observer};
use common::records::Warning;
use std::sync::{Mutex, PoisonError};

/// Listens to the work of one run.
pub(crate) struct Report<'a> {
    session: &'a Session<SnapResult>,
    meter: Mutex<Option<Meter>>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(session: &'a Session<SnapResult>) -> Self {
        Self { session, meter: Mutex::new(None) }
    }

    fn meter(&self, change: impl FnOnce(&mut Option<Meter>)) {
        change(&mut self.meter.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Observer for Report<'_> {
    fn note(&self, fact: Fact) {
        match fact {
            Fact::Phase(phase) => self.meter(|meter| {
                *meter = None;
                *meter = Some(self.session.meter(phase, None));
            }),
            Fact::Planned { bytes, phase, .. } => self.meter(|meter| {
                *meter = None;
                *meter = Some(self.session.meter(phase, Some(bytes)));
            }),
            Fact::Advanced(bytes) => self.meter(|meter| {
                if let Some(meter) = meter {
                    meter.add(bytes);
                }
            }),
            Fact::Table { table, rows, bytes, blocks, seconds } => self.session.emit(&Table {
                schema: table.schema,
                table: table.name,
                rows,
                bytes,
                blocks,
                blocks_shared: None,
                stored_bytes: None,
                file: None,
                seconds: Some(seconds),
            }),
            Fact::LargeObjects { count, bytes } => self.session.emit(&LargeObjects { count, bytes }),
            Fact::Step { step, count, seconds } => {
                self.session.emit(&Step { step: step.to_owned(), count, seconds });
            }
            Fact::Skipped { object, reason } => {
                *self.session.result().skipped.get_or_insert_default() += 1;
                self.session.emit(&Skipped { object, reason });
            }
            Fact::Warning { code, message } => self.session.warn(&Warning::new(code, message)),
            Fact::Retried { object, reason } => {
                let message = format!("{object} is read again: {reason}");
                self.session.warn(&Warning::new("retried", message));
            }
        }
    }
}
