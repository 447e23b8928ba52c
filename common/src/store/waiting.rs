//! Waiting for an object store in a way that a signal can end.

use crate::error::{Class, Error, Result};
use std::future::Future;
use std::pin::pin;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// How often it is asked whether to go on.
const TICK: Duration = Duration::from_millis(100);

/// What was begun may still take so long when the run should stop: what tidies up has to get through.
const GRACE: Duration = Duration::from_secs(2);

static STOP: OnceLock<fn() -> bool> = OnceLock::new();

/// Says who knows whether the run should stop. The first one to say so is believed.
pub fn stop_when(stop: fn() -> bool) {
    STOP.get_or_init(|| stop);
}

fn stop_requested() -> bool {
    STOP.get().is_some_and(|stop| stop())
}

/// What `work` comes to, unless the run should stop and it takes too long for that.
pub(super) fn wait<T>(runtime: &Handle, work: impl Future<Output = T>) -> Result<T> {
    runtime.block_on(async {
        let mut work = pin!(work);
        let mut told: Option<Instant> = None;
        loop {
            if let Ok(done) = tokio::time::timeout(TICK, work.as_mut()).await {
                return Ok(done);
            }
            if stop_requested() && told.get_or_insert_with(Instant::now).elapsed() > GRACE {
                let what = "stopped while the store had not answered yet";
                return Err(Error::new(Class::Interrupted, "interrupted", what));
            }
        }
    })
}
