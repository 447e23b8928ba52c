//! What people read on stderr: errors, warnings, notes.

use super::stdio;
use crate::error::Error;
use crate::records::{ErrorRecord, Warning, human};
use indicatif::MultiProgress;
use std::io::Write;

/// Writes to stderr in the tool's name.
#[derive(Clone, Debug)]
pub(super) struct Complain {
    pub(super) tool: &'static str,
    pub(super) bars: MultiProgress,
}

impl Complain {
    /// `pgsnap: what failed: why`, further causes on lines of their own, then `hint: the way out`.
    pub(super) fn error(&self, error: &Error) {
        self.say("", &error.to_string(), None, error.advice());
    }

    /// The same for an error that did not stop the work.
    pub(super) fn skipped(&self, error: &ErrorRecord) {
        self.say("", &error.message, error.object.as_deref(), error.hint.as_deref());
    }

    /// The same, marked as a warning.
    pub(super) fn warning(&self, warning: &Warning) {
        self.say("warning: ", &warning.message, warning.object.as_deref(), warning.hint.as_deref());
    }

    /// A line that only informs.
    pub(super) fn note(&self, message: &str) {
        self.say("", message, None, None);
    }

    /// Somebody else's words, as they are.
    pub(super) fn raw(&self, bytes: &[u8]) {
        // There is nobody left to tell when stderr is gone.
        self.bars.suspend(|| {
            let _ = std::io::stderr().lock().write_all(bytes);
        });
    }

    fn say(&self, kind: &str, message: &str, object: Option<&str>, hint: Option<&str>) {
        let colour = stdio::colours(&std::io::stderr());
        let paint = |code: &str, text: &str| {
            if colour && !text.is_empty() {
                format!("\u{1b}[{code}m{text}\u{1b}[0m")
            } else {
                text.to_owned()
            }
        };
        let tool = paint("1", &format!("{}:", self.tool));
        let object = object.filter(|object| !message.contains(object));
        let object = object.map(|object| format!("{}: ", human::plain(object))).unwrap_or_default();
        let message = message.lines().map(human::plain).collect::<Vec<_>>().join("\n");
        let hint =
            hint.map(|hint| format!("{} {}\n", paint("36", "hint:"), human::plain(hint))).unwrap_or_default();
        let text = format!("{tool} {}{object}{message}\n{hint}", paint("33", kind));
        // There is nobody left to tell when stderr is gone.
        self.bars.suspend(|| {
            let _ = std::io::stderr().lock().write_all(text.as_bytes());
        });
    }
}
