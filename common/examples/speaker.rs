//! A tool in miniature, for the tests of `records` and `cli`: it does nothing but speak as the real ones do.

use clap::{Parser, Subcommand};
use common::cli::flags::{Connection, Output};
use common::cli::{self, Session, signals};
use common::error::{Class, Error, Result, ServerError};
use common::records::{Cell, Outcome, Record, Registry, ResultRecord, Row, Status, Tone, Warning};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Speaks as the real tools do.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    connection: Connection,
    /// Written when the work's guard is dropped.
    #[arg(long)]
    guard: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Says so many numbers.
    Count { numbers: u64 },
    /// Says numbers from several threads and goes on until it is stopped.
    Flood,
    /// Lists numbers that are all known.
    List,
    /// Waits without a word until it is stopped.
    Wait,
    /// Fails as a server's refusal does.
    Fail,
    /// Finds a difference.
    Differ,
    /// Stops half-way.
    Lose,
    /// Panics.
    Panic,
    /// Goes on only when what came before succeeded.
    Gate {
        /// `-`: the records on stdin.
        from: String,
    },
    /// Writes a megabyte that is no records.
    Data,
    /// Prints the schemas.
    Schema,
}

impl cli::Command for Cli {
    const DATA: &'static [&'static str] = &["data", "schema"];
    const EXAMPLES: &'static str = "";

    fn name(&self) -> &str {
        match self.command {
            Command::Count { .. } => "count",
            Command::Flood => "flood",
            Command::List => "list",
            Command::Wait => "wait",
            Command::Fail => "fail",
            Command::Differ => "differ",
            Command::Lose => "lose",
            Command::Panic => "panic",
            Command::Gate { .. } => "gate",
            Command::Data => "data",
            Command::Schema => "schema",
        }
    }

    fn output(&self) -> &Output {
        &self.output
    }

    fn reads_records(&self) -> bool {
        matches!(&self.command, Command::Gate { from } if from == "-")
    }
}

#[derive(Serialize, JsonSchema)]
struct Number {
    value: u64,
    bytes: u64,
    name: String,
    even: bool,
}

impl Record for Number {
    const TYPE: &'static str = "number";

    fn row(&self) -> Option<Row> {
        let (word, tone) = if self.even { ("even", Tone::Good) } else { ("odd", Tone::Warn) };
        let row = Row::default().with("name", Cell::text(&self.name)).with("number", Cell::Count(self.value));
        Some(row.with("size", Cell::Bytes(self.bytes)).with("is", Cell::Status(word.to_owned(), tone)))
    }
}

#[derive(Default, Serialize, JsonSchema)]
struct Spoken {
    status: Status,
    exit_code: u8,
    seconds: f64,
    numbers: u64,
}

impl Record for Spoken {
    const TYPE: &'static str = "result";

    fn row(&self) -> Option<Row> {
        Some(
            Row::default()
                .with("numbers", Cell::Count(self.numbers))
                .with("took", Cell::Seconds(self.seconds)),
        )
    }
}

impl ResultRecord for Spoken {
    fn set_outcome(&mut self, outcome: Outcome) {
        (self.status, self.exit_code, self.seconds) = (outcome.status, outcome.exit_code, outcome.seconds);
    }
}

/// Stands for a sandbox or a draft: it must be dropped whatever happens.
struct Guard(Option<PathBuf>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // The test that looks for the file says that it is not there.
            let _ = std::fs::File::create(path);
        }
    }
}

fn main() -> ExitCode {
    cli::run("speaker", speak)
}

fn speak(session: &Session<Spoken>, cli: Cli) -> Result<()> {
    let _guard = Guard(cli.guard);
    match cli.command {
        Command::Count { numbers } => {
            let meter = session.meter("count", Some(numbers));
            for number in 0..numbers {
                say(session, number);
                meter.add(1);
            }
            session.warn(&Warning::new("counted", "that was all").object("numbers").hint("count further"));
            meter.finish();
            Ok(())
        }
        Command::Flood => {
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        while !signals::stop_requested() {
                            say(session, 1);
                        }
                    });
                }
            });
            Err(stopped())
        }
        Command::List => {
            let numbers: Vec<_> = (0..3).map(number).collect();
            session.emit_all(&numbers);
            Ok(())
        }
        Command::Wait => {
            say(session, 1);
            while !signals::stop_requested() {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(stopped())
        }
        Command::Fail => Err(Error::server(ServerError {
            sqlstate: "42501".to_owned(),
            message: "permission denied for table orders".to_owned(),
            hint: Some("GRANT SELECT ON orders TO reader".to_owned()),
            ..ServerError::default()
        })
        .context("cannot read table \"public\".\"orders\"")),
        Command::Differ => {
            session.skipped("\"public\".\"a\"", &Error::failed("unreadable", "cannot look at it"));
            Err(Error::new(Class::No, "differs", "1 table differs"))
        }
        Command::Lose => Err(Error::new(Class::Interrupted, "connection_lost", "the connection was lost")),
        Command::Panic => {
            say(session, 1);
            let nothing: Option<u8> = std::hint::black_box(None);
            assert!(nothing.is_some(), "on purpose");
            Ok(())
        }
        Command::Gate { from } if from == "-" => {
            session.upstream()?.succeeded()?;
            say(session, 1);
            Ok(())
        }
        Command::Gate { from } => Err(Error::refused("no_such_gate", format!("there is no gate `{from}`"))),
        Command::Data => write(session, &vec![b'x'; 1 << 20]),
        Command::Schema => {
            write(session, Registry::new::<Spoken>("speaker").with::<Number>().to_json().as_bytes())
        }
    }
}

fn say(session: &Session<Spoken>, n: u64) {
    session.emit(&number(n));
    session.result().numbers += 1;
}

fn number(number: u64) -> Number {
    Number {
        value: number,
        bytes: number << 20,
        name: format!("\"public\".\"n{number}\""),
        even: number.is_multiple_of(2),
    }
}

fn write(session: &Session<Spoken>, bytes: &[u8]) -> Result<()> {
    session.data().write_all(bytes).map_err(|error| Error::io("cannot write the data", &error))
}

fn stopped() -> Error {
    Error::new(Class::Interrupted, "interrupted", "stopped before it was done")
}
