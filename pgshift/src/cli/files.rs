//! What can be typed for the commands that make files and take over histories.

use super::Migrations;
use clap::Args;
use common::cli::flags::Output;

#[derive(Args, Debug)]
pub(crate) struct New {
    /// What the migration does, such as `add_users`
    pub(crate) name: String,

    #[command(flatten)]
    pub(crate) migrations: Migrations,

    #[command(flatten)]
    pub(crate) output: Output,
}
