//! Which checks are made, what is told of them, and how a run ends.

use super::values::pair;
use crate::records::State;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Which checks, and their thresholds.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Selection {
    /// Checks or groups of checks [default: all]; `-` takes the records on stdin first
    #[arg(value_name = "CHECK|GROUP")]
    pub(crate) checks: Vec<String>,

    #[command(flatten)]
    pub(crate) tuning: Tuning,
}

/// What is left out, and from which values on checks warn.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Tuning {
    /// Leave out this check or group; may be given several times
    #[arg(help_heading = "Checks", long, value_name = "CHECK|GROUP")]
    pub(crate) skip: Vec<String>,

    /// Warn from this value on, such as connections.used=60%; may be given several times
    #[arg(help_heading = "Checks", long, value_name = "CHECK=VALUE", value_parser = pair)]
    pub(crate) warn: Vec<(String, String)>,

    /// Be critical from this value on; may be given several times
    #[arg(help_heading = "Checks", long, value_name = "CHECK=VALUE", value_parser = pair)]
    pub(crate) crit: Vec<(String, String)>,

    /// TOML file with thresholds, also for single objects
    #[arg(
        help_heading = "Checks",
        long,
        value_name = "FILE",
        env = "PGCHECKPOINT_CONFIG",
        hide_env_values = true
    )]
    pub(crate) config: Option<PathBuf>,
}

/// From which state on something is a "no".
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Already when a check warns.
    Warn,
    /// When a check is critical.
    Crit,
}

/// What to make of a check that could not be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum UnknownAs {
    /// Nothing: it is told, and does not count.
    Ok,
    /// Exit code 3, unless something is worse.
    Unknown,
    /// The same as critical.
    Crit,
}

impl FailOn {
    /// The state.
    pub(crate) fn state(self) -> State {
        match self {
            Self::Warn => State::Warn,
            Self::Crit => State::Crit,
        }
    }
}

impl UnknownAs {
    /// The state that it counts as.
    pub(crate) fn state(self) -> State {
        match self {
            Self::Ok => State::Ok,
            Self::Unknown => State::Unknown,
            Self::Crit => State::Crit,
        }
    }
}

/// What is told, and how it makes the run end.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Judgement {
    /// Tell only what warns, is critical or could not be told
    #[arg(long)]
    pub(crate) only_problems: bool,

    /// Exit with 1 when something is as bad as this
    #[arg(long, value_enum, value_name = "STATE", default_value_t = FailOn::Crit)]
    pub(crate) fail_on: FailOn,

    /// What something counts as that could not be told
    #[arg(long, value_enum, value_name = "STATE", default_value_t = UnknownAs::Unknown)]
    pub(crate) unknown_as: UnknownAs,
}
