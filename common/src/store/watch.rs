//! How a run waits for others that are at work in the same store.

use crate::error::{Class, Error};
use std::time::Duration;

/// Who waits, how long, and who hears of it.
pub struct Watch<'a> {
    /// The command, such as `pgsnap create`: others read it.
    pub tool: &'a str,
    /// How long to wait for others at most.
    pub wait: Duration,
    /// Whether to stop.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Hears whom it waits for.
    pub tell: &'a (dyn Fn(&str) + Sync),
}

impl Watch<'_> {
    /// Longer than anybody removes blocks who lives.
    pub const LONG: Duration = Duration::from_hours(1);

    /// Fails when the run should stop.
    pub(super) fn go_on(&self) -> Result<(), Error> {
        if (self.stop)() {
            return Err(Error::new(Class::Interrupted, "interrupted", "stopped"));
        }
        Ok(())
    }
}
