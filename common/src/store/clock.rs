//! How much time has passed for a run, also while it was suspended.

use std::time::{Duration, Instant, SystemTime};

/// A moment, on two clocks: one that nobody sets, and one that goes on while the machine sleeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp {
    pub(super) steady: Instant,
    pub(super) wall: SystemTime,
}

impl Stamp {
    /// How long before `now` this was, by the clock that says more.
    pub(super) fn until(&self, now: &Self) -> Duration {
        let steady = now.steady.saturating_duration_since(self.steady);
        now.wall.duration_since(self.wall).map_or(steady, |wall| wall.max(steady))
    }
}

/// Tells the time, and lets it pass.
pub(super) trait Clock: Send + Sync {
    fn now(&self) -> Stamp;
    fn pause(&self, time: Duration);
}

/// The machine's own.
pub(super) struct Machine;

impl Clock for Machine {
    fn now(&self) -> Stamp {
        Stamp { steady: Instant::now(), wall: SystemTime::now() }
    }

    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }
}
