//! `pgcheckpoint run`: makes the checks, once.

use crate::catalogue::Choice;
use crate::cli::{FailOn, Run, UnknownAs};
use crate::file;
use crate::records::{CheckRecord, CheckpointResult, State};
use crate::run::{Round, target};
use common::cli::{Session, human};
use common::error::{Class, Error, Result};
use common::records::{ResultRecord, Warning};
use std::time::Instant;

pub(crate) fn run(session: &Session<CheckpointResult>, args: &Run) -> Result<()> {
    session.result().begun = Some(Instant::now());
    if args.write.is_some() && !session.format().is_page() {
        return Err(Error::usage("--write is for a page").hint("--format prometheus --write /…/pgcheckpoint.prom"));
    }
    let done = checks(session, args);
    if let Some(path) = &args.write {
        let page = session.result().page(session.format(), done.as_ref().err()).unwrap_or_default();
        session.result().is_written = true;
        file::replace(path, page.text.as_bytes())?;
    }
    done
}

fn checks(session: &Session<CheckpointResult>, args: &Run) -> Result<()> {
    let choice = Choice::resolve(&args.selection)?;
    let targets = target::resolve(&args.databases)?;
    if args.selection.checks.iter().any(|word| word == "-") {
        session.upstream()?.succeeded()?;
    }
    for warning in targets.iter().flat_map(common::pg::target::Target::warnings) {
        session.warn(&Warning::new("connection", warning.clone()));
    }
    session.csv_head::<CheckRecord>();
    let round = Round {
        choice: &choice,
        targets: &targets,
        limits: &args.limits,
        outside: &args.outside,
        all_databases: args.databases.all_databases,
    };
    let mut tally = Tally::default();
    session.result().unknown_is = Some(match args.unknown_as {
        UnknownAs::Ok => State::Ok,
        UnknownAs::Unknown => State::Unknown,
        UnknownAs::Crit => State::Crit,
    });
    let keep = session.format().is_page();
    let made = round.make(&mut |record| {
        tally.count(&record);
        session.result().count(&record);
        if record.status.is_problem() || !args.only_problems {
            session.emit(&record);
        }
        if keep {
            session.result().kept.push(record);
        }
    })?;
    session.result().checks = Some(made);
    tally.conclude(args.fail_on, args.unknown_as)
}

/// What was found, as far as it decides how the run ends.
#[derive(Debug, Default)]
struct Tally {
    bad: Vec<(State, String)>,
    unknown: Vec<String>,
}

impl Tally {
    fn count(&mut self, record: &CheckRecord) {
        let what = || format!("{}: {}", record.check, record.message);
        match record.status {
            State::Crit | State::Warn => self.bad.push((record.status, what())),
            State::Unknown => self.unknown.push(what()),
            State::Ok | State::Info => {}
        }
    }

    /// The exit code's reason: what is bad, then what could not be told.
    fn conclude(self, fail_on: FailOn, unknown_as: UnknownAs) -> Result<()> {
        let least = if fail_on == FailOn::Warn { State::Warn } else { State::Crit };
        let mut bad: Vec<String> =
            self.bad.into_iter().filter(|(state, _)| *state >= least).map(|(_, what)| what).collect();
        if unknown_as == UnknownAs::Crit {
            bad.extend(self.unknown.iter().cloned());
        }
        if !bad.is_empty() {
            let what = format!("not healthy: {}", human::plural(bad.len() as u64, "finding"));
            return Err(causes(Error::new(Class::No, "unhealthy", what), bad));
        }
        if unknown_as == UnknownAs::Unknown && !self.unknown.is_empty() {
            let count = human::plural(self.unknown.len() as u64, "thing");
            let error = Error::failed("not_told", format!("{count} could not be told"));
            return Err(causes(error, self.unknown)
                .hint("the hints of these records say which right is missing; --skip leaves a check out"));
        }
        Ok(())
    }
}

/// The first few of them; the records tell all.
fn causes(error: Error, found: Vec<String>) -> Error {
    const SHOWN: usize = 5;
    let more = found.len().saturating_sub(SHOWN);
    let error = found.into_iter().take(SHOWN).fold(error, Error::cause);
    if more > 0 { error.cause(format!("and {}", human::plural(more as u64, "other"))) } else { error }
}
