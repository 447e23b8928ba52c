//! The same work again and again, each time with another one of its requests failing; then once more without a fault.

use crate::scene::Scene;
use rustix::process::Signal;
use std::path::Path;
use std::time::Duration;
use testkit::{Fate, Outcome, PLANTED, Proxy, Tool, is_long};

/// How often one request may fail before it is given up: not at all, so that a fault is felt.
pub(crate) const ONCE: (&str, &str) = ("AWS_MAX_ATTEMPTS", "1");

/// Everything that may become of a request. Whoever is stalled is killed.
const ALL: [Fate; 7] =
    [Fate::Answer(500), Fate::Answer(403), Fate::Unheard, Fate::Drop, Fate::Half, Fate::Swallow, Fate::Stall];

/// Which requests fail, and how.
pub(crate) struct Turns<'a> {
    pub(crate) scene: &'a Scene,
    /// What the places in the bucket are called.
    pub(crate) name: &'a str,
    pub(crate) fates: Vec<Fate>,
    pub(crate) step: usize,
}

/// One of them, in a place of its own.
pub(crate) struct Turn<'a> {
    pub(crate) scene: &'a Scene,
    pub(crate) prefix: String,
    /// Whether the work ended well.
    pub(crate) is_done: bool,
    /// Whether it was begun again.
    pub(crate) is_again: bool,
}

impl<'a> Turns<'a> {
    /// Every request, with this fate; with all of them in the long run.
    pub(crate) fn each(scene: &'a Scene, name: &'a str, one: Fate) -> Self {
        Self { scene, name, fates: if is_long() { ALL.to_vec() } else { vec![one] }, step: 1 }
    }

    /// Only every so many of them, but for the long run.
    pub(crate) fn step(self, step: usize) -> Self {
        Self { step: if is_long() { 1 } else { step }, ..self }
    }

    /// Nobody is killed: others would wait for him for half an hour.
    pub(crate) fn without_kills(mut self) -> Self {
        self.fates.retain(|fate| *fate != Fate::Stall);
        self
    }

    /// Prepares a place, works there with a fault, looks at it, works again, and looks again.
    pub(crate) fn take(
        &self,
        prepare: impl Fn(&Turn<'a>),
        work: impl Fn(&Turn<'a>) -> Tool,
        look: impl Fn(&Turn<'a>),
    ) {
        for fate in self.fates.iter().copied() {
            for failing in (0..).step_by(self.step) {
                let prefix = format!("{}-{fate:?}-{failing}", self.name).to_lowercase();
                let prefix = prefix.replace(['(', ')'], "-");
                let mut turn = Turn { scene: self.scene, prefix, is_done: false, is_again: false };
                prepare(&turn);
                let (mut outcome, seen) = fail(&turn, failing, fate, work(&turn));
                let code = outcome.code();
                let is_read = seen.get(failing).is_some_and(|line| line.starts_with("GET "));
                if is_read && fate == Fate::Swallow && !is_long() {
                    continue;
                }
                assert!([0, 3, 4, 5, 137].contains(&code), "{fate:?} of request {failing}: {outcome}");
                turn.is_done = code == 0;
                look(&turn);
                turn.calm(work(&turn)).success();
                (turn.is_done, turn.is_again) = (true, true);
                look(&turn);
                if failing >= seen.len() {
                    assert!(failing >= 4, "only {seen:?}");
                    break;
                }
            }
        }
    }
}

/// Runs a tool with that one of its requests failing; all its requests.
fn fail(turn: &Turn<'_>, failing: usize, fate: Fate, tool: Tool) -> (Outcome, Vec<String>) {
    let proxy =
        Proxy::before(&turn.scene.server, move |number, _| if number == failing { fate } else { Fate::Pass });
    let mut started = proxy.lead(tool).env(ONCE.0, ONCE.1).start();
    if fate == Fate::Stall {
        while started.is_running() && proxy.seen().len() <= failing {
            std::thread::sleep(Duration::from_millis(2));
        }
        if started.is_running() {
            started.signal(Signal::KILL);
        }
    }
    let outcome = started.finish().hides(PLANTED);
    (outcome, proxy.seen())
}

impl Turn<'_> {
    pub(crate) fn url(&self) -> String {
        self.scene.url(&self.prefix)
    }

    /// A subcommand on the store in this place, led to the server by whoever runs it.
    pub(crate) fn tool(&self, command: &str) -> Tool {
        Tool::pgsnap(command)
            .store(Path::new(&self.url()))
            .env("PGSNAP_STATE", self.scene.place.join("state"))
    }

    /// Runs a tool without a fault.
    pub(crate) fn calm(&self, tool: Tool) -> Outcome {
        self.scene.server.lead(tool).run()
    }

    pub(crate) fn snapshots(&self) -> usize {
        self.scene.below(&format!("{}/snapshots/", self.prefix)).len()
    }

    /// Each snapshot that is there is whole; and there is one if it was said that there is.
    pub(crate) fn is_sound(&self) {
        let there = self.snapshots();
        assert!(there > 0 || !self.is_done, "no snapshot in {}", self.prefix);
        if there > 0 {
            self.scene.is_sound(&self.url(), there as u64);
        }
    }

    /// After `forget --keep-last 1`: what stayed is whole, and at the end nothing else is there.
    pub(crate) fn is_sound_and_forgotten(&self) {
        self.is_sound();
        let stayed = self.snapshots();
        assert!((1..=3).contains(&stayed) && (!self.is_done || stayed == 1), "{stayed} snapshots");
        if self.is_again {
            let left = self.calm(self.tool("sweep").arg("--dry-run")).success();
            assert_eq!(left.result()["blocks_removed"], 0, "{left}");
            assert_eq!(self.scene.below(&format!("{}/sweeping/", self.prefix)), Vec::<String>::new());
        }
    }
}
