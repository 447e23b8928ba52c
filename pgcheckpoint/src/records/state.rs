//! How it stands with something.

use common::records::Tone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How it stands with what a check looked at, from good to bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// As it should be.
    #[default]
    Ok,
    /// Worth knowing; nothing has to be done.
    Info,
    /// It could not be told.
    Unknown,
    /// Worth a look.
    Warn,
    /// Not as it should be.
    Crit,
}

impl State {
    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Info => "info",
            Self::Unknown => "unknown",
            Self::Warn => "warn",
            Self::Crit => "crit",
        }
    }

    /// What it means to a person.
    pub(crate) fn tone(self) -> Tone {
        match self {
            Self::Ok => Tone::Good,
            Self::Info => Tone::Quiet,
            Self::Unknown | Self::Warn => Tone::Warn,
            Self::Crit => Tone::Bad,
        }
    }

    /// Whether somebody has to look at it.
    pub(crate) fn is_problem(self) -> bool {
        self > Self::Info
    }
}
