//! Flags, signals, tables and progress bars: how the tools meet a person.
//!
//! [`run`] is the `main` of every tool: it reads the command line, lends the work a [`Session`], and sees to it that
//! one `result` and the right exit code come out, whatever happened.

mod complain;
mod examples;
mod facts;
pub mod flags;
mod passphrase;
mod progress;
pub mod quantity;
mod session;
mod shell;
pub mod signals;
mod stdio;
pub mod store;
mod usage;

pub use crate::records::human;
pub use progress::Meter;
pub use session::Session;

use crate::error::{Class, Error, Result};
use crate::records::{ErrorRecord, Failure, Format, Look, Outcome, ResultRecord, Start, Status, Writer};
use complain::Complain;
use flags::Output;
use indicatif::MultiProgress;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

/// A tool's command line.
pub trait Command: clap::Parser {
    /// The subcommands whose stdout is data of their own instead of records, such as `cat`.
    const DATA: &'static [&'static str] = &[];

    /// Examples of its use: sections headed `[SUBCOMMAND]`, lines as a shell takes them.
    const EXAMPLES: &'static str;

    /// The subcommand that was asked for, as the user writes it.
    fn name(&self) -> &str;

    /// The output flags that were given.
    fn output(&self) -> &Output;

    /// Whether it will call [`Session::upstream`]: those records then come before its own `start`.
    fn reads_records(&self) -> bool {
        false
    }

    /// Whether it has records that can be shown as CSV.
    fn has_csv(&self) -> bool {
        false
    }

    /// Whether it judges files, and can say so in the formats of those who show that.
    fn judges_files(&self) -> bool {
        false
    }

    /// Whether it can show all that it says as a page of this format.
    fn has_page(&self, format: Format) -> bool {
        let _ = format;
        false
    }

    /// Whether stdout shows records.
    fn shows_records(&self) -> bool {
        !Self::DATA.contains(&self.name())
    }
}

/// The number of SIGPIPE: what a shell reports for a program whose reader went away.
const SIGPIPE: u8 = 13;

/// Runs a tool: `work` does what the command line asks for.
pub fn run<C: Command, R: ResultRecord>(
    tool: &'static str,
    work: impl FnOnce(&Session<R>, C) -> Result<()>,
) -> ExitCode {
    let began = Instant::now();
    let complain = Complain { tool, bars: MultiProgress::new() };
    report_panics(complain.clone());
    if let Err(error) = signals::install() {
        complain.error(&Error::io("cannot catch signals", &error));
        return ExitCode::from(Class::Failed.exit_code());
    }
    crate::store::stop_when(signals::stop_requested);
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let is_data = arguments.iter().any(|word| C::DATA.iter().any(|name| word == name));
    match usage::parse::<C>(tool, arguments.clone()) {
        Ok(usage::Asked::Text(text)) => show(tool, &text, &complain),
        Ok(usage::Asked::Work(command)) => {
            let format = if command.shows_records() { command.output().resolve() } else { Format::Data };
            let refused = match format {
                Format::Csv if !command.has_csv() => Some("CSV"),
                Format::Sarif if !command.judges_files() => Some("SARIF"),
                Format::Github if !command.judges_files() => Some("annotations of GitHub"),
                page if page.is_page() && !command.has_page(page) => Some("such a page"),
                _ => None,
            };
            if let Some(what) = refused {
                let error = Error::usage(format!("{} has nothing to say as {what}", command.name()))
                    .hint("--format jsonl or --format table");
                let session = session::<R>(tool, Format::Jsonl, complain, command.output().clone());
                return finish(&session, Err(error), began);
            }
            let session: Session<R> = session(tool, format, complain, command.output().clone());
            let start = Start {
                command: command.name().to_owned(),
                version: C::command().get_version().unwrap_or_default().to_owned(),
            };
            session.begin(&start, command.reads_records());
            let done = catch_unwind(AssertUnwindSafe(|| work(&session, command)));
            let done = done.unwrap_or_else(|_| {
                Err(Error::failed("internal", "stopped by an error in the program itself"))
            });
            finish(&session, done, began)
        }
        Err(error) => {
            let format = match flags::page(&arguments) {
                Some(page) => page,
                None if is_data => Format::Data,
                None => Output::default().resolve(),
            };
            finish(&session::<R>(tool, format, complain, Output::default()), Err(error), began)
        }
    }
}

fn session<R: ResultRecord>(
    tool: &'static str,
    format: Format,
    complain: Complain,
    output: Output,
) -> Session<R> {
    let stdout = std::io::stdout();
    let bars = stdout.is_terminal().then(|| complain.bars.clone());
    let look = Look { colour: stdio::colours(&stdout), width: stdio::width() };
    let writer = Writer::new(tool, format, look, Box::new(stdio::Stdout { bars }), |failure| {
        signals::request_stop(match failure {
            Failure::Gone => signals::Reason::ReaderGone,
            Failure::Refused(..) => signals::Reason::Internal,
        });
    });
    Session::new(writer, complain, output)
}

/// Says how it ended, to people and to programs.
fn finish<R: ResultRecord>(session: &Session<R>, done: Result<()>, began: Instant) -> ExitCode {
    let error = done.err().map(|error| stop_reason(session, error));
    if let Some(error) = &error {
        session.complain().error(error);
        session.writer().emit(&ErrorRecord::from(error));
    }
    let class = error.as_ref().map(Error::class);
    let exit_code = class.map_or(0, Class::exit_code);
    let outcome = Outcome { status: status(class), exit_code, seconds: began.elapsed().as_secs_f64() };
    session.result().set_outcome(outcome);
    let shown = matches!(outcome.status, Status::Ok | Status::No) || session.format() != Format::Table;
    if shown {
        session.writer().end(&*session.result());
    }
    let page = session.result().page(session.format(), error.as_ref()).filter(|_| session.format().is_page());
    if let Some(page) = &page {
        // The writer keeps why it failed.
        let _ = std::io::Write::write_all(&mut session.data(), page.text.as_bytes());
    }
    let exit_code = page.and_then(|page| page.exit_code).unwrap_or(exit_code);
    // The work was done, and yet nobody was told: that is not success.
    match (class, session.writer().failure()) {
        (
            None | Some(Class::No | Class::Conflict | Class::Drift | Class::Dirty | Class::Inconsistent),
            Some(failure),
        ) => {
            let error = unheard(&failure);
            session.complain().error(&error);
            ExitCode::from(error.class().exit_code())
        }
        _ => ExitCode::from(exit_code),
    }
}

/// The error of a run that was told to stop says who told it.
fn stop_reason<R: ResultRecord>(session: &Session<R>, error: Error) -> Error {
    let reason = match (signals::reason(), session.writer().failure()) {
        (Some(signals::Reason::Signal(signal)), _) => {
            let what = format!("stopped by {}", signals::name(signal));
            Error::new(Class::Signal(signal), "interrupted", what)
        }
        (_, Some(failure)) => unheard(&failure),
        (Some(signals::Reason::ReaderGone), None) => unheard(&Failure::Gone),
        (Some(signals::Reason::Internal) | None, None) => return error,
    };
    // What stopped because it was asked to has nothing to add; what failed meanwhile has.
    if error.code() == "interrupted" { reason } else { reason.cause(error.to_string()) }
}

fn unheard(failure: &Failure) -> Error {
    match failure {
        Failure::Gone => {
            Error::new(Class::Signal(SIGPIPE), "broken_pipe", "stopped: nobody reads its output any more")
        }
        Failure::Refused(kind, why) => {
            let error = std::io::Error::new(*kind, why.clone());
            Error::io("cannot write to stdout", &error)
        }
    }
}

fn status(class: Option<Class>) -> Status {
    match class {
        None => Status::Ok,
        Some(Class::No | Class::Conflict | Class::Drift | Class::Dirty | Class::Inconsistent) => Status::No,
        Some(Class::Usage | Class::Failed) => Status::Error,
        Some(Class::Refused) => Status::Refused,
        Some(Class::Interrupted | Class::Signal(_)) => Status::Interrupted,
    }
}

/// Help and version: text on stdout.
fn show(tool: &'static str, text: &str, complain: &Complain) -> ExitCode {
    let bare =
        Writer::new(tool, Format::Data, Look::default(), Box::new(stdio::Stdout { bars: None }), |_| {});
    // The writer keeps why it failed.
    let _ = std::io::Write::write_all(&mut bare.data(), text.as_bytes());
    match bare.failure() {
        None => ExitCode::SUCCESS,
        Some(failure) => {
            let error = unheard(&failure);
            complain.error(&error);
            ExitCode::from(error.class().exit_code())
        }
    }
}

/// A panic is told in one line; `RUST_BACKTRACE` brings the rest. Values that guard something are dropped as ever.
fn report_panics(complain: Complain) {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
            usual(panic);
        }
        let text = panic.payload().downcast_ref::<&str>().copied();
        let why = text
            .or_else(|| panic.payload().downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no reason given");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let error = Error::failed("internal", format!("error in the program itself at {place}")).cause(why);
        complain.error(&error.hint("this is a bug: please report it with this message"));
    }));
}
