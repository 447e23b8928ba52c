//! Waits for locks a short while and often, instead of long: whoever waits for a strong lock makes all others wait, too.

use super::trouble::explain;
use super::{Apply, Worker};
use crate::script::{Parsed, Statement};
use common::cli::signals;
use common::error::{Class, Error, Result};
use common::pg::wire::stopped;
use common::records::Warning;
use std::hash::{BuildHasher as _, Hasher as _};
use std::time::{Duration, Instant};

/// How it waits for locks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// How long one try may wait for a lock that others queue behind; none for ever.
    pub(crate) lock_timeout: Option<Duration>,
    /// How many more tries there are.
    pub(crate) retries: u32,
}

/// The pause before the second try.
const FIRST: Duration = Duration::from_millis(500);

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(30);

impl Patience {
    /// The pause after try number `attempt`, from 0: half as long again each time, give or take a half.
    pub(crate) fn pause(attempt: u32) -> Duration {
        let grown = FIRST.as_secs_f64() * 1.5_f64.powi(i32::try_from(attempt.min(30)).unwrap_or(30));
        let random = std::hash::RandomState::new().build_hasher().finish();
        let share = f64::from(u32::try_from(random % 1000).unwrap_or_default()) / 1000.0;
        Duration::from_secs_f64((grown * (0.5 + share)).min(LONGEST.as_secs_f64()))
    }
}

/// What failed, and at which statement.
pub(super) type Tried<'s> = std::result::Result<(), (Option<&'s Statement>, Error)>;

impl Apply<'_> {
    /// Tries until it works, or fails for another reason than a lock, or too often.
    pub(super) fn patiently<'s>(
        &self,
        worker: &mut Worker<'_>,
        script: &Parsed<'_>,
        mut attempt: impl FnMut(&mut Worker<'_>) -> Tried<'s>,
    ) -> Result<()> {
        for tried in 0.. {
            let Err((statement, error)) = attempt(worker) else { break };
            let passes = matches!(error.sqlstate(), Some("55P03" | "40P01"));
            if !passes {
                return Err(explain(script, statement, error));
            }
            if tried >= self.patience.retries {
                let error = explain(script, statement, error).class_is(Class::Interrupted);
                return Err(error.cause(format!("tried {} times", tried + 1)).hint(
                    "try again at a quieter hour, with more --lock-retries, or end who is in the way",
                ));
            }
            let pause = Patience::pause(tried);
            self.tell(script, statement, &error, pause);
            rest(pause)?;
        }
        Ok(())
    }

    pub(super) fn tell(
        &self,
        script: &Parsed<'_>,
        statement: Option<&Statement>,
        error: &Error,
        pause: Duration,
    ) {
        let code = if error.sqlstate() == Some("40P01") { "deadlock" } else { "lock_timeout" };
        let place = statement.map_or_else(
            || script.script.path.display().to_string(),
            |statement| script.place(statement).to_string(),
        );
        let message = format!("{error}; it is tried again in {:.1} s", pause.as_secs_f64());
        self.session.warn(&Warning::new(code, message).object(&place));
    }
}

/// Waits so long, or until the run is stopped.
pub(crate) fn rest(pause: Duration) -> Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < pause {
        if signals::stop_requested() {
            return Err(stopped());
        }
        std::thread::sleep(Duration::from_millis(50).min(pause));
    }
    Ok(())
}
