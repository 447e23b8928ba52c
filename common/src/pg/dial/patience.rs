//! How long connecting may take, and whether it shall stop: what every wait of one attempt obeys.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long one wait lasts before it is asked again whether to stop.
const SLICE: Duration = Duration::from_millis(500);

/// The patience of one attempt. Once it has been ended, nothing is limited any more.
pub(super) struct Patience {
    until: Option<Instant>,
    stop: Option<fn() -> bool>,
    ended: AtomicBool,
}

impl Patience {
    pub(super) fn new(timeout: Option<Duration>, stop: Option<fn() -> bool>) -> Self {
        let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        Self { until, stop, ended: AtomicBool::new(false) }
    }

    /// The attempt has succeeded.
    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// How long the next wait may last; `None` when nothing is limited any more.
    pub(super) fn slice(&self) -> io::Result<Option<Duration>> {
        if self.ended.load(Ordering::Relaxed) {
            return Ok(None);
        }
        if self.stop.is_some_and(|stop| stop()) {
            return Err(io::Error::other("stopped before it was done"));
        }
        let Some(until) = self.until else { return Ok(Some(SLICE)) };
        match until.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => Ok(Some(left.min(SLICE))),
            _ => Err(io::Error::other("timeout expired (connect_timeout)")),
        }
    }

    /// Whether the time is up.
    pub(super) fn is_over(&self) -> bool {
        self.until.is_some_and(|until| until <= Instant::now())
    }

    /// Whether the attempt was told to stop.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.is_some_and(|stop| stop())
    }
}
