//! A crew of threads that empties a queue of work, and stops together.
//!
//! Knows nothing of what the work is. The first failure ends it for all; its error is the one that is told.

use crate::error::{Error, Result};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

/// What became of a piece of work.
pub enum Outcome<W> {
    /// Done.
    Done,
    /// Done, and this can be begun now.
    Then(Vec<W>),
}

/// A crew.
pub struct Crew {
    size: usize,
    over: AtomicBool,
    stop: fn() -> bool,
    breakers: Mutex<Vec<Breaker>>,
}

/// Breaks off what a worker waits for.
type Breaker = Box<dyn Fn() + Send>;

struct Queue<W> {
    waiting: VecDeque<W>,
    busy: usize,
    failure: Option<Error>,
}

impl Crew {
    /// A crew of `size` workers that ends early when `stop` says so.
    pub fn new(size: usize, stop: fn() -> bool) -> Self {
        Self { size: size.max(1), over: AtomicBool::new(false), stop, breakers: Mutex::default() }
    }

    /// Whether it ends early.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed) || (self.stop)()
    }

    /// Ends it early, and what its workers wait for as well.
    pub fn end(&self) {
        if self.over.swap(true, Ordering::Relaxed) {
            return;
        }
        let breakers = std::mem::take(&mut *self.breakers.lock().unwrap_or_else(PoisonError::into_inner));
        for breaker in breakers {
            breaker();
        }
    }

    /// Calls `breaker` once when it ends early: a worker may be waiting for a server that is busy for minutes.
    pub fn watch(&self, breaker: impl Fn() + Send + 'static) {
        self.breakers.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(breaker));
    }

    /// Does all of `work` and what comes of it, in order, on as many threads as it has use for. Each worker has a
    /// state of its own that `begin` makes on its thread.
    pub fn work<W: Send, S>(
        &self,
        work: Vec<W>,
        begin: impl Fn() -> Result<S> + Sync,
        run: impl Fn(&mut S, W) -> Result<Outcome<W>> + Sync,
    ) -> Result<()> {
        let queue = Mutex::new(Queue { waiting: work.into(), busy: 0, failure: None });
        let changed = Condvar::new();
        std::thread::scope(|scope| {
            for _ in 0..self.size {
                scope.spawn(|| self.worker(&queue, &changed, &begin, &run));
            }
        });
        let queue = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
        match queue.failure {
            Some(error) => Err(error),
            None if !queue.waiting.is_empty() => Err(crate::pg::wire::stopped()),
            None => Ok(()),
        }
    }

    fn worker<W, S>(
        &self,
        queue: &Mutex<Queue<W>>,
        changed: &Condvar,
        begin: &impl Fn() -> Result<S>,
        run: &impl Fn(&mut S, W) -> Result<Outcome<W>>,
    ) {
        let mut worker = None;
        let mut held = queue.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if self.is_over() || (held.waiting.is_empty() && held.busy == 0) {
                break;
            }
            let Some(job) = held.waiting.pop_front() else {
                let wait = std::time::Duration::from_millis(200);
                (held, _) = changed.wait_timeout(held, wait).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            held.busy += 1;
            drop(held);
            let unwinding = Unwinding(self);
            let mut outcome = Ok(Outcome::Done);
            if worker.is_none() {
                match begin() {
                    Ok(fresh) => worker = Some(fresh),
                    Err(error) => outcome = Err(error),
                }
            }
            if let (Some(worker), true) = (&mut worker, outcome.is_ok()) {
                outcome = run(worker, job);
            }
            std::mem::forget(unwinding);
            held = queue.lock().unwrap_or_else(PoisonError::into_inner);
            held.busy -= 1;
            match outcome {
                Ok(Outcome::Done) => {}
                Ok(Outcome::Then(next)) => held.waiting.extend(next),
                Err(error) => {
                    // Those that only stopped because another failed have nothing to say.
                    let stopped = |error: &Error| matches!(error.code(), "interrupted" | "query_canceled");
                    if held.failure.as_ref().is_none_or(|earlier| stopped(earlier) && !stopped(&error)) {
                        held.failure = Some(error);
                    }
                    drop(held);
                    self.end();
                    held = queue.lock().unwrap_or_else(PoisonError::into_inner);
                }
            }
            changed.notify_all();
        }
        drop(held);
        changed.notify_all();
    }
}

/// Ends the crew when a worker panics: the others would wait for it for ever.
struct Unwinding<'a>(&'a Crew);

impl Drop for Unwinding<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;

    #[test]
    fn work_that_begets_work_is_all_done() {
        let sum = AtomicU64::new(0);
        let run = |(): &mut (), number: u64| {
            sum.fetch_add(number, Ordering::Relaxed);
            Ok(if number > 1 { Outcome::Then(vec![number - 1]) } else { Outcome::Done })
        };
        Crew::new(3, || false).work(vec![10, 5], || Ok(()), run).unwrap();
        assert_eq!(sum.into_inner(), 55 + 15);
    }

    #[test]
    fn the_first_failure_ends_it() {
        let run = |(): &mut (), number: u64| match number {
            3 => Err(Error::failed("three", "three")),
            _ => Ok(Outcome::Done),
        };
        let error = Crew::new(2, || false).work((0..100).collect(), || Ok(()), run).unwrap_err();
        assert_eq!(error.code(), "three");
    }
}
