//! When the round has to be over. Every wait for a server asks.

use common::cli::signals;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Static, since a session asks by a plain function.
static UNTIL: Mutex<Option<Instant>> = Mutex::new(None);

/// The round may take so many seconds from now on.
pub(crate) fn set(seconds: f64) {
    let until = Duration::try_from_secs_f64(seconds).ok().and_then(|time| Instant::now().checked_add(time));
    *UNTIL.lock().unwrap_or_else(PoisonError::into_inner) = until;
}

/// How much of it is left; `None` when nothing limits it.
pub(crate) fn left() -> Option<Duration> {
    let until = *UNTIL.lock().unwrap_or_else(PoisonError::into_inner);
    until.map(|until| until.saturating_duration_since(Instant::now()))
}

/// Whether it is over.
pub(crate) fn is_over() -> bool {
    left().is_some_and(|left| left.is_zero())
}

/// Whether a wait shall end: the round is over, or the program was told to stop.
pub(crate) fn reached() -> bool {
    signals::stop_requested() || is_over()
}
