//! One run of a tool: what its work may say and ask.

use super::complain::Complain;
use super::flags::Output;
use super::progress::Meter;
use super::{signals, stdio};
use crate::error::{Class, Error, Result};
use crate::records::{
    Data, ErrorRecord, Format, Reader, Record, ResultRecord, Start, Upstream, Warning, Writer,
};
use std::io::{BufReader, IsTerminal};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One run of a tool, from `start` to `result`. Threads may share it.
pub struct Session<R> {
    writer: Arc<Writer>,
    complain: Complain,
    output: Output,
    result: Mutex<R>,
}

impl<R: ResultRecord> Session<R> {
    pub(super) fn new(writer: Writer, complain: Complain, output: Output) -> Self {
        Self { writer: Arc::new(writer), complain, output, result: Mutex::default() }
    }

    /// Writes a record.
    pub fn emit<T: Record>(&self, record: &T) {
        self.writer.emit(record);
    }

    /// Writes records that are all known by now; on a terminal they become a table as wide as it needs to be.
    pub fn emit_all<T: Record>(&self, records: &[T]) {
        self.writer.emit_all(records);
    }

    /// Writes the head of the CSV that records of type `T` become, if stdout shows CSV.
    pub fn csv_head<T: Record>(&self) {
        self.writer.csv_head::<T>();
    }

    /// Warns people and programs.
    pub fn warn(&self, warning: &Warning) {
        self.complain.warning(warning);
        self.writer.emit(warning);
    }

    /// Tells of an error that does not stop the work; `object` is what it is about. The result has to tell of it too.
    pub fn skipped(&self, object: &(impl ToString + ?Sized), error: &Error) {
        let record = ErrorRecord::from(error).object(object);
        self.complain.skipped(&record);
        self.writer.emit(&record);
    }

    /// Tells people, unless they asked for quiet.
    pub fn note(&self, message: &str) {
        if !self.output.quiet {
            self.complain.note(message);
        }
    }

    /// The result so far, to be filled in. Do not hold it across work.
    pub fn result(&self) -> MutexGuard<'_, R> {
        self.result.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts what is done of `phase`; `total` is in bytes.
    pub fn meter(&self, phase: &'static str, total: Option<u64>) -> Meter {
        let seen = std::io::stderr().is_terminal()
            && !stdio::dumb()
            && !self.output.quiet
            && !self.output.no_progress;
        let bars = Some(&self.complain.bars).filter(|_| seen);
        Meter::new(phase, total, bars, self.output.progress.then(|| Arc::clone(&self.writer)))
    }

    /// Reads the records on stdin to their end and passes each on. Only for a `-` that the user wrote.
    pub fn upstream(&self) -> Result<Upstream> {
        if std::io::stdin().is_terminal() {
            let hint = "put the tool whose records it shall read before it: `pgsnap create … | …`";
            return Err(Error::usage("`-` reads records from stdin, and stdin is a terminal").hint(hint));
        }
        let input = BufReader::with_capacity(64 << 10, stdio::Stdin);
        let read = Upstream::read(input, |line| self.writer.pass_on(line.raw()));
        self.writer.begin();
        match read {
            Err(_) if signals::stop_requested() => Err(Error::new(
                Class::Interrupted,
                "interrupted",
                "stopped while it waited for the records on stdin",
            )),
            read => read,
        }
    }

    /// Passes a line on that a program of ours wrote: a record becomes part of the stream, anything else goes to stderr.
    pub fn pass_on(&self, line: &[u8]) {
        match Reader::new(line).next() {
            Some(Ok(line)) => self.writer.pass_on(line.raw()),
            _ => self.complain.raw(line),
        }
    }

    /// Where a command that shows no records writes its bytes.
    pub fn data(&self) -> Data<'_> {
        self.writer.data()
    }

    /// The name of the tool.
    pub fn tool(&self) -> &'static str {
        self.writer.tool()
    }

    /// The random identity of this run: 16 hexadecimal digits.
    pub fn run_id(&self) -> &str {
        self.writer.run_id()
    }

    /// What stdout shows.
    pub fn format(&self) -> Format {
        self.writer.format()
    }

    pub(super) fn writer(&self) -> &Writer {
        &self.writer
    }

    pub(super) fn complain(&self) -> &Complain {
        &self.complain
    }

    pub(super) fn begin(&self, start: &Start, reads_records: bool) {
        self.writer.emit_first(start);
        if !reads_records {
            self.writer.begin();
        }
    }
}
