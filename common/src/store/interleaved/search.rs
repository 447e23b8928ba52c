//! Tries every order of the actors' steps that makes a difference.
//!
//! Depth first, by running everything again from its beginning. Of two orders that differ only in neighbouring steps that
//! have nothing to do with each other, one is tried ("sleep sets", Godefroid 1996).

use super::gate::Step;
use std::collections::BTreeSet;

/// A moment at which somebody had to be chosen.
struct Choice {
    ready: Vec<(usize, Step)>,
    /// Those whose step comes later in an order that was tried already.
    asleep: BTreeSet<usize>,
    chosen: usize,
}

/// The order that is tried now, and those that were.
#[derive(Default)]
pub(super) struct Search {
    choices: Vec<Choice>,
    depth: usize,
}

impl Search {
    /// Who goes next; nobody when this order was tried in another guise.
    pub(super) fn choose(&mut self, ready: Vec<(usize, Step)>) -> Option<usize> {
        if self.depth == self.choices.len() {
            let asleep = self.choices.last().map(Choice::asleep_behind).unwrap_or_default();
            let chosen = ready.iter().map(|(actor, _)| *actor).find(|actor| !asleep.contains(actor))?;
            self.choices.push(Choice { ready, asleep, chosen });
        }
        let choice = &self.choices[self.depth];
        self.depth += 1;
        Some(choice.chosen)
    }

    /// Turns to the next order; whether there is one.
    pub(super) fn turn(&mut self) -> bool {
        self.depth = 0;
        while let Some(mut choice) = self.choices.pop() {
            choice.asleep.insert(choice.chosen);
            let next =
                choice.ready.iter().map(|(actor, _)| *actor).find(|actor| !choice.asleep.contains(actor));
            if let Some(chosen) = next {
                self.choices.push(Choice { chosen, ..choice });
                return true;
            }
        }
        false
    }

    /// What was done, for people.
    pub(super) fn told(&self) -> String {
        let steps = self.choices.iter().map(|choice| {
            let step = choice.ready.iter().find(|(actor, _)| *actor == choice.chosen);
            format!("{} {:?}\n", choice.chosen, step.map(|(_, step)| step))
        });
        steps.collect()
    }
}

impl Choice {
    /// Who still sleeps behind the chosen step: those whose own steps have nothing to do with it.
    fn asleep_behind(&self) -> BTreeSet<usize> {
        let step = |actor: usize| self.ready.iter().find(|(other, _)| *other == actor).map(|(_, step)| step);
        let apart = |one: Option<&Step>, two: Option<&Step>| match (one, two) {
            (Some(one), Some(two)) => one.is_apart_from(two),
            _ => false,
        };
        let chosen = step(self.chosen);
        self.asleep.iter().copied().filter(|actor| apart(step(*actor), chosen)).collect()
    }
}
