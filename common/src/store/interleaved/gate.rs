//! Lets several actors run one step at a time, in an order that somebody else chooses.

use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// What an actor is about to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Something that others may see: what, and below which name.
    Write(String),
    /// Something that sees what others do.
    Read(String),
    /// It waits for others.
    Pause,
    /// Time passes, which all may notice.
    Time,
}

impl Step {
    /// Whether it makes a difference to who waits.
    fn is_of_a_marker(&self) -> bool {
        matches!(self, Self::Write(name) if name.starts_with("running/") || name.starts_with("sweeping/"))
    }

    /// Whether it makes no difference which of two comes first.
    pub(super) fn is_apart_from(&self, other: &Self) -> bool {
        let below = |one: &str, two: &str| two == one || two.starts_with(&format!("{one}/"));
        let touch = |one: &str, two: &str| below(one, two) || below(two, one);
        match (self, other) {
            (Self::Time, _) | (_, Self::Time) | (Self::Pause, Self::Pause) => false,
            (Self::Pause, step) | (step, Self::Pause) => !step.is_of_a_marker(),
            (Self::Read(_), Self::Read(_)) => true,
            (Self::Write(one) | Self::Read(one), Self::Write(two) | Self::Read(two)) => !touch(one, two),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Actor {
    Runs,
    Waits(Step),
    Ended,
}

struct State {
    actors: Vec<Actor>,
    /// How many markers had been written when an actor began its pause.
    paused_at: Vec<usize>,
    written: usize,
    /// Nobody is held any more.
    is_open: bool,
}

/// Holds actors before each of their steps.
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

/// Longer than any step takes.
const PATIENCE: Duration = Duration::from_mins(1);

impl Gate {
    pub(super) fn new(actors: usize) -> Self {
        let state = State {
            actors: vec![Actor::Runs; actors],
            paused_at: vec![0; actors],
            written: 0,
            is_open: false,
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let (state, timeout) = self.changed.wait_timeout(state, PATIENCE).unwrap();
        assert!(!timeout.timed_out(), "nothing moves");
        state
    }

    /// Called by an actor: returns when it may make the step.
    pub(super) fn before(&self, actor: usize, step: Step) {
        let mut state = self.state.lock().unwrap();
        state.paused_at[actor] = state.written;
        state.actors[actor] = Actor::Waits(step);
        self.changed.notify_all();
        while !state.is_open && state.actors[actor] != Actor::Runs {
            state = self.wait(state);
        }
    }

    /// Called by an actor at its end.
    pub(super) fn end(&self, actor: usize) {
        self.state.lock().unwrap().actors[actor] = Actor::Ended;
        self.changed.notify_all();
    }

    /// Waits until nobody runs; who could make a step, and which. Who pauses goes on only when what it waits for
    /// may be over: before that it would see what it saw.
    pub(super) fn ready(&self) -> Vec<(usize, Step)> {
        let mut state = self.state.lock().unwrap();
        while state.actors.contains(&Actor::Runs) {
            state = self.wait(state);
        }
        let waiting = state.actors.iter().enumerate();
        let waiting: Vec<_> = waiting
            .filter_map(|(actor, does)| match does {
                Actor::Waits(step) => Some((actor, step.clone())),
                _ => None,
            })
            .collect();
        let alone = waiting.len() == 1;
        let may = |(actor, step): &(usize, Step)| {
            *step != Step::Pause || alone || state.written > state.paused_at[*actor]
        };
        waiting.into_iter().filter(may).collect()
    }

    /// Lets that actor make its step.
    pub(super) fn go(&self, actor: usize) {
        let mut state = self.state.lock().unwrap();
        if matches!(&state.actors[actor], Actor::Waits(step) if step.is_of_a_marker()) {
            state.written += 1;
        }
        state.actors[actor] = Actor::Runs;
        self.changed.notify_all();
    }

    /// Lets everybody run to the end.
    pub(super) fn open(&self) {
        self.state.lock().unwrap().is_open = true;
        self.changed.notify_all();
    }
}
