//! Writes records: one line at a time, from any thread, and stops the run when nobody takes them.
//!
//! What must hold: `start` comes before everything of this run and `result` is its last line; a line is written
//! whole or the run fails; after a failed write nothing more is written.

use super::{RESULT, Record, ResultRecord, Row, VERSION, csv, table::Columns, table::Look};
use jiff::Timestamp;
use serde::Serialize;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What stdout shows. What few commands have, their own help names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// JSON Lines, one record a line.
    Jsonl,
    /// Aligned columns for people.
    Table,
    /// The one kind of records that a spreadsheet is wanted of, where a command has such.
    Csv,
    /// The Static Analysis Results Interchange Format, of commands that judge files.
    #[value(hide = true)]
    Sarif,
    /// Workflow commands of GitHub Actions, which become annotations, of commands that judge files.
    #[value(hide = true)]
    Github,
    /// Metrics for Prometheus' textfile collector, where a command has such.
    #[value(hide = true)]
    Prometheus,
    /// The output of a Nagios plugin, where a command can be one.
    #[value(hide = true)]
    Nagios,
    /// One self-contained page, where a command has such.
    #[value(hide = true)]
    Html,
    /// Nothing: the command writes data of its own.
    #[value(skip)]
    Data,
}

impl Format {
    /// Whether stdout shows one page of everything, which is written at the end.
    pub fn is_page(self) -> bool {
        matches!(self, Self::Prometheus | Self::Nagios | Self::Html)
    }
}

/// Why records can no longer be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The reader is gone.
    Gone,
    /// The system refused, for this reason.
    Refused(io::ErrorKind, String),
}

/// Writes the records of one run.
pub struct Writer {
    tool: &'static str,
    run: String,
    on_failure: fn(&Failure),
    out: Mutex<Out>,
}

struct Out {
    sink: Box<dyn Write + Send>,
    format: Format,
    columns: Columns,
    first: Option<String>,
    failure: Option<Failure>,
    ended: bool,
}

/// What stands first in each line.
#[derive(Serialize)]
struct Head<'a> {
    v: u32,
    tool: &'a str,
    r#type: &'a str,
    time: String,
    run: &'a str,
}

impl Writer {
    /// A writer of `tool`'s records to `sink`. `on_failure` is called once, when a write has failed.
    pub fn new(
        tool: &'static str,
        format: Format,
        look: Look,
        sink: Box<dyn Write + Send>,
        on_failure: fn(&Failure),
    ) -> Self {
        let out = Out { sink, format, columns: Columns::new(look), first: None, failure: None, ended: false };
        Self { tool, run: random_id(), on_failure, out: Mutex::new(out) }
    }

    /// The tool whose records these are.
    pub fn tool(&self) -> &'static str {
        self.tool
    }

    /// The random identity of this run: 16 hexadecimal digits.
    pub fn run_id(&self) -> &str {
        &self.run
    }

    /// What stdout shows.
    pub fn format(&self) -> Format {
        self.lock().format
    }

    /// Writes `record`.
    pub fn emit<T: Record>(&self, record: &T) {
        let body = serde_json::to_string(record);
        let mut out = self.lock();
        match out.format {
            Format::Jsonl => match body.map(|body| self.line(T::TYPE, &body)) {
                Ok(line) => self.put_line(&mut out, &line),
                Err(error) => self.fail(&mut out, unwritable(T::TYPE, &error)),
            },
            Format::Table => {
                if let Some(row) = record.row() {
                    let text = out.columns.show(T::TYPE, &row);
                    self.put(&mut out, text.as_bytes());
                }
            }
            Format::Csv if !T::CSV.is_empty() => {
                let text: String = record.csv().iter().map(|fields| csv::line(fields)).collect();
                self.put(&mut out, text.as_bytes());
            }
            _ => {}
        }
    }

    /// Writes the head of the CSV that records of type `T` become, if that is what stdout shows.
    pub fn csv_head<T: Record>(&self) {
        let mut out = self.lock();
        if out.format == Format::Csv {
            self.put(&mut out, csv::head(T::CSV).as_bytes());
        }
    }

    /// Writes records that are all known by now; as a table, their columns are as wide as they need.
    pub fn emit_all<T: Record>(&self, records: &[T]) {
        if self.format() == Format::Table {
            let rows: Vec<Row> = records.iter().filter_map(Record::row).collect();
            let mut out = self.lock();
            let text = out.columns.collected(&rows);
            self.put(&mut out, text.as_bytes());
        } else {
            for record in records {
                self.emit(record);
            }
        }
    }

    /// Writes `record` before the first record that follows, after the lines that are passed on until then.
    pub fn emit_first<T: Record>(&self, record: &T) {
        let body = serde_json::to_string(record);
        let mut out = self.lock();
        match body {
            Ok(body) => out.first = Some(self.line(T::TYPE, &body)),
            Err(error) => self.fail(&mut out, unwritable(T::TYPE, &error)),
        }
    }

    /// Writes what [`Writer::emit_first`] holds back, now.
    pub fn begin(&self) {
        let mut out = self.lock();
        self.put_line(&mut out, "");
    }

    /// Passes a line of another tool on, unchanged. People do not see it: that tool told them itself.
    pub fn pass_on(&self, raw_line: &str) {
        let mut out = self.lock();
        if out.format == Format::Jsonl {
            let line = format!("{}\n", raw_line.trim_end_matches(['\n', '\r']));
            self.put(&mut out, line.as_bytes());
        }
    }

    /// Writes the result. Nothing that is emitted afterwards appears.
    pub fn end<R: ResultRecord>(&self, result: &R) {
        const { assert!(is_result(R::TYPE.as_bytes())) }
        let body = serde_json::to_string(result);
        let mut out = self.lock();
        match out.format {
            Format::Jsonl => match body.map(|body| self.line(R::TYPE, &body)) {
                Ok(line) => self.put_line(&mut out, &line),
                Err(error) => self.fail(&mut out, unwritable(R::TYPE, &error)),
            },
            Format::Table => {
                if let Some(row) = result.row() {
                    let text = out.columns.summary(&row);
                    self.put(&mut out, text.as_bytes());
                }
            }
            _ => {}
        }
        out.ended = true;
    }

    /// Where a command of [`Format::Data`], and one that judges files in their formats, writes its bytes; a write that fails stops the run as a record's would.
    pub fn data(&self) -> Data<'_> {
        Data(self)
    }

    /// Why nothing can be written any more.
    pub fn failure(&self) -> Option<Failure> {
        self.lock().failure.clone()
    }

    /// The line of a record: its envelope, then its own fields.
    fn line(&self, kind: &str, body: &str) -> String {
        let time = format!("{:.3}", Timestamp::now());
        let head = Head { v: VERSION, tool: self.tool, r#type: kind, time, run: &self.run };
        // Five texts and a number always have a JSON form.
        let mut line = serde_json::to_string(&head).unwrap_or_default();
        if let Some(fields) = body.strip_prefix('{').filter(|fields| *fields != "}") {
            line.pop();
            line.push(',');
            line.push_str(fields);
        }
        line.push('\n');
        line
    }

    fn put_line(&self, out: &mut Out, line: &str) {
        if let Some(first) = out.first.take().filter(|_| out.format == Format::Jsonl) {
            self.put(out, first.as_bytes());
        }
        self.put(out, line.as_bytes());
    }

    fn put(&self, out: &mut Out, bytes: &[u8]) {
        if out.failure.is_some() || out.ended || bytes.is_empty() {
            return;
        }
        if let Err(error) = out.sink.write_all(bytes).and_then(|()| out.sink.flush()) {
            self.fail(out, Failure::from(&error));
        }
    }

    fn fail(&self, out: &mut Out, failure: Failure) {
        if out.failure.is_none() {
            (self.on_failure)(&failure);
            out.failure = Some(failure);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of a command whose stdout is not records.
pub struct Data<'a>(&'a Writer);

impl Write for Data<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut out = self.0.lock();
        let written = out.sink.write(bytes);
        if let Err(error) = &written {
            self.0.fail(&mut out, Failure::from(error));
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().sink.flush()
    }
}

impl From<&io::Error> for Failure {
    fn from(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Gone,
            kind => Self::Refused(kind, error.to_string()),
        }
    }
}

fn unwritable(kind: &str, error: &serde_json::Error) -> Failure {
    Failure::Refused(io::ErrorKind::InvalidData, format!("a `{kind}` record has no JSON form: {error}"))
}

/// Compared by hand: `==` on text is not const yet.
const fn is_result(mut kind: &[u8]) -> bool {
    let mut expected = RESULT.as_bytes();
    while let ([a, rest @ ..], [b, others @ ..]) = (kind, expected) {
        if *a != *b {
            return false;
        }
        (kind, expected) = (rest, others);
    }
    kind.is_empty() && expected.is_empty()
}

fn random_id() -> String {
    // Without the system's randomness, time and process still tell runs apart: the id is a name, not a secret.
    let id = getrandom::u64().unwrap_or_else(|_| {
        let now = Timestamp::now().as_nanosecond().unsigned_abs().to_le_bytes();
        now.iter()
            .take(8)
            .fold(u64::from(std::process::id()), |id, byte| id.rotate_left(8) ^ u64::from(*byte))
    });
    format!("{id:016x}")
}
