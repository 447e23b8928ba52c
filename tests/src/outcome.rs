//! What came of a tool's run, and what is asked of every run.
//!
//! Standard output that begins as records do must be records to its end, each as the tool's own schema has it, the last of
//! them the result, and its exit code the tool's. A test has to say which exit code it expects: nobody overlooks a failure.

#![expect(
    clippy::return_self_not_must_use,
    reason = "an assertion may be the last thing that is said of an outcome"
)]

use crate::schemas;
use serde_json::Value;
use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// A tool's exit code and streams.
#[derive(Debug)]
pub struct Outcome {
    command: String,
    code: i32,
    killed: bool,
    stdout: Vec<u8>,
    stderr: String,
    records: Vec<Value>,
    judged: bool,
}

impl Outcome {
    pub(crate) fn new(
        command: String,
        status: ExitStatus,
        stdout: Vec<u8>,
        stderr: &[u8],
        raw: bool,
    ) -> Self {
        let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
        let stderr = String::from_utf8_lossy(stderr).into_owned();
        let killed = status.signal().is_some();
        let mut outcome = Self { command, code, killed, stdout, stderr, records: Vec::new(), judged: true };
        if !raw && outcome.stdout.starts_with(b"{") {
            outcome.read_records();
        }
        outcome.judged = false;
        outcome
    }

    fn read_records(&mut self) {
        let text = self.stdout();
        // What was killed may have been cut off in the middle of a line.
        let whole =
            if self.killed { text.rsplit_once('\n').map_or("", |(whole, _)| whole) } else { text.as_str() };
        self.records = whole
            .lines()
            .map(|line| {
                serde_json::from_str(line)
                    .unwrap_or_else(|error| panic!("not a record: {line}: {error}\n{self}"))
            })
            .collect();
        for record in &self.records {
            let named = ["tool", "type", "time", "run"]
                .iter()
                .all(|field| record.get(field).is_some_and(Value::is_string));
            assert!(named && record.get("v") == Some(&Value::from(1)), "no envelope: {record}\n{self}");
            let faults = schemas::faults(record);
            assert!(faults.is_empty(), "not as published: {record}\n{faults:#?}\n{self}");
        }
        if self.killed {
            return;
        }
        assert!(self.stdout.ends_with(b"\n"), "the last line is cut off: {self}");
        let last = self.records.last().unwrap();
        assert_eq!(last.get("type"), Some(&Value::from("result")), "the last record is no result: {self}");
        assert_eq!(
            last.get("exit_code"),
            Some(&Value::from(self.code)),
            "the result tells another exit code: {self}"
        );
    }

    /// Asserts the exit code; 128 and the number of the signal for what was killed.
    #[track_caller]
    pub fn exit(mut self, code: i32) -> Self {
        self.judged = true;
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// Asserts exit code 0, and that no error was recorded.
    #[track_caller]
    pub fn success(self) -> Self {
        let outcome = self.exit(0);
        assert!(outcome.records_of("error").is_empty(), "{outcome}");
        outcome
    }

    /// Asserts that there is nothing on standard error.
    #[track_caller]
    pub fn quiet(self) -> Self {
        assert!(self.stderr.is_empty(), "{self}");
        self
    }

    /// Asserts that standard error says this.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "does not say {words:?}: {self}");
        self
    }

    /// Asserts that neither stream shows this.
    #[track_caller]
    pub fn hides(self, secret: &str) -> Self {
        assert!(!self.stdout().contains(secret) && !self.stderr.contains(secret), "shows {secret:?}: {self}");
        self
    }

    /// The exit code.
    pub fn code(&mut self) -> i32 {
        self.judged = true;
        self.code
    }

    /// Standard output as text.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard output as it came.
    pub fn stdout_bytes(&self) -> &[u8] {
        &self.stdout
    }

    /// Standard error.
    pub fn stderr(&self) -> &str {
        &self.stderr
    }

    /// All records, in order.
    pub fn records(&self) -> &[Value] {
        &self.records
    }

    /// The records of one type, in order.
    pub fn records_of(&self, kind: &str) -> Vec<&Value> {
        self.records
            .iter()
            .filter(|record| record.get("type").and_then(Value::as_str) == Some(kind))
            .collect()
    }

    /// The only record of a type.
    #[track_caller]
    pub fn record(&self, kind: &str) -> &Value {
        let records = self.records_of(kind);
        let [record] = records.as_slice() else { panic!("{} records of type {kind}: {self}", records.len()) };
        record
    }

    /// The last record, which is the result.
    #[track_caller]
    pub fn result(&self) -> &Value {
        self.records.last().unwrap_or_else(|| panic!("no records: {self}"))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, code, stderr, .. } = self;
        let stdout = self.stdout();
        write!(out, "\n$ {command}\n--- exit code {code}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---")
    }
}

impl Drop for Outcome {
    fn drop(&mut self) {
        assert!(self.judged || std::thread::panicking(), "the test does not look at the exit code: {self}");
    }
}
