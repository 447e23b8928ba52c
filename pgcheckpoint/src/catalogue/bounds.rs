//! From which value on a check warns.

use crate::records::State;

/// The values at which a check warns and at which it is critical.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) warn: Option<f64>,
    pub(crate) crit: Option<f64>,
    /// Whether small values are the bad ones.
    pub(crate) below: bool,
}

impl Bounds {
    /// What a value means.
    pub(crate) fn judge(&self, value: f64) -> State {
        let reached = |bound: Option<f64>| {
            bound.is_some_and(|bound| if self.below { value <= bound } else { value >= bound })
        };
        if reached(self.crit) {
            State::Crit
        } else if reached(self.warn) {
            State::Warn
        } else {
            State::Ok
        }
    }

    /// The greater, the worse.
    pub(crate) fn badness(&self, value: f64) -> f64 {
        if self.below { -value } else { value }
    }
}
