//! `pgcheckpoint watch`: the hours after a launch. Tells what is bad at first, then what changes.

use super::diff::fill;
use super::run::begin;
use crate::catalogue::Choice;
use crate::cli::Watch;
use crate::compare::{Rules, finding};
use crate::records::{Change, CheckRecord, CheckpointResult, State};
use crate::run::{Round, target};
use crate::saved::Recorded;
use crate::verdict::Verdict;
use common::cli::{Session, human, signals};
use common::error::{Class, Error, Result};
use common::records::Warning;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// How long a pause lasts before it is asked whether to stop.
const SLICE: Duration = Duration::from_millis(200);

/// Who looks more often than so many seconds is a load of his own.
const OFTEN: f64 = 0.1;

pub(crate) fn run(session: &Session<CheckpointResult>, args: &Watch) -> Result<()> {
    if args.every < OFTEN {
        return Err(Error::usage("--every is at least 100 ms"));
    }
    let choice = Choice::resolve(&args.selection)?;
    let targets = target::resolve(&args.look.databases)?;
    begin(session, &targets, args.judgement);
    let round = Round { choice: &choice, targets: &targets, look: &args.look, measured: false };
    let begun = Instant::now();
    let (every, all) = (duration(args.every), duration(args.time));
    let mut watched = Watched { rules: rules(args), ..Watched::default() };
    loop {
        let next = Instant::now() + every;
        let mut seen = Recorded::default();
        match round.make(&mut |found| seen.put(found)) {
            Ok(made) => watched.look(session, seen.checks, made),
            // Somebody else's run is no reason to stop watching.
            Err(error) if error.code() == "already_running" => {
                session.warn(&Warning::new("already_running", error.to_string()));
            }
            Err(error) => return watched.end(session, args, Err(error)),
        }
        if begun.elapsed() + every > all {
            return watched.end(session, args, Ok(()));
        }
        while Instant::now() < next {
            if signals::stop_requested() {
                let error = Error::new(Class::Interrupted, "interrupted", "stopped watching");
                return watched.end(session, args, Err(error));
            }
            std::thread::sleep(SLICE.min(next.saturating_duration_since(Instant::now())));
        }
    }
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

fn rules(args: &Watch) -> Rules {
    Rules { least: args.judgement.fail_on.state(), calls: 0, slower: f64::MAX, growth: f64::MAX }
}

/// What was seen so far.
struct Watched {
    rules: Rules,
    rounds: u64,
    last: BTreeMap<String, CheckRecord>,
    /// The worst that each finding ever was.
    worst: BTreeMap<String, CheckRecord>,
    changes: Vec<Change>,
}

impl Default for Watched {
    fn default() -> Self {
        let rules = Rules { least: State::Crit, calls: 0, slower: f64::MAX, growth: f64::MAX };
        Self { rules, rounds: 0, last: BTreeMap::new(), worst: BTreeMap::new(), changes: Vec::new() }
    }
}

impl Watched {
    /// Takes a round's findings, and tells what is new in them.
    fn look(&mut self, session: &Session<CheckpointResult>, seen: BTreeMap<String, CheckRecord>, made: u64) {
        self.rounds += 1;
        let keys: BTreeSet<&String> = self.last.keys().chain(seen.keys()).collect();
        for key in keys {
            let (was, is) = (self.last.get(key), seen.get(key));
            if self.rounds == 1 {
                if let Some(record) = is.filter(|record| record.status.is_problem()) {
                    session.emit(record);
                }
            } else if let Some(change) = finding(was, is, &self.rules) {
                session.emit(&change);
                self.changes.push(change);
            }
        }
        for (key, record) in &seen {
            let known = self.worst.get(key);
            if known.is_none_or(|known| known.status < record.status) {
                self.worst.insert(key.clone(), record.clone());
            }
        }
        self.last = seen;
        session.result().checks = Some(made);
    }

    /// The summary, and how it ends: by the worst that was seen.
    fn end(self, session: &Session<CheckpointResult>, args: &Watch, done: Result<()>) -> Result<()> {
        let mut verdict = Verdict::default();
        {
            let mut result = session.result();
            for record in self.worst.values() {
                result.count(record);
                verdict.count(record);
            }
            fill(&mut result, &self.changes);
            result.rounds = Some(self.rounds);
        }
        done?;
        if self.rounds == 0 {
            return Err(Error::failed("not_told", "no round of checks could be made"));
        }
        let (rounds, changes) =
            (human::plural(self.rounds, "round"), human::plural(self.changes.len() as u64, "change"));
        session.note(&format!("{rounds}, {changes}"));
        verdict.conclude(args.judgement.fail_on, args.judgement.unknown_as)
    }
}
