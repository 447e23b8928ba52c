//! What can be typed for the commands that make files and take over histories.

use super::{Migrations, Place};
use crate::django::Django;
use clap::Args;
use common::cli::flags::Output;
use common::cli::quantity::duration;
use std::time::Duration;

#[derive(Args, Debug)]
pub(crate) struct New {
    /// What the migration does, such as `add_users`
    #[arg(required_unless_present = "merge")]
    pub(crate) name: Option<String>,

    /// Of a Django project: write the migration that joins the branches of an app
    #[arg(long, conflicts_with = "name")]
    pub(crate) merge: bool,

    #[command(flatten)]
    pub(crate) django: Django,

    #[command(flatten)]
    pub(crate) migrations: Migrations,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Adopt {
    /// Only tell what would be taken over
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,

    /// Go on writing the tool's table with every migration, so that going back stays possible
    #[arg(long)]
    pub(crate) keep_history: bool,

    /// Tool or table, where there are several
    #[arg(long, value_name = "NAME")]
    pub(crate) from: Option<String>,

    /// Take this version's file as it is for what was applied, or for gone; may be given several times
    #[arg(long, value_name = "VERSION")]
    pub(crate) accept: Vec<String>,

    /// How long to wait for another pgshift in this database
    #[arg(help_heading = "Locks", long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub(crate) wait: Duration,

    #[command(flatten)]
    pub(crate) place: Place,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Squash {
    /// Of a Django project: the app
    pub(crate) app: Option<String>,

    /// Of a Django project: the first migration that becomes a part of the file [default: the app's first]
    #[arg(requires = "app")]
    pub(crate) from: Option<String>,

    /// Of a Django project: the last one
    #[arg(requires = "from", value_name = "TO", conflicts_with = "to")]
    pub(crate) last: Option<String>,

    /// The last version that becomes a part of the file
    #[arg(long, value_name = "VERSION", required_unless_present = "app")]
    pub(crate) to: Option<String>,

    /// What the file is called behind its version [default: squashed]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// Only tell what it would be, and try it
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Don't run both ways on a private server and compare the schemas
    #[arg(long)]
    pub(crate) no_check: bool,

    /// Of a Django project: take all operations as they are
    #[arg(long, requires = "app")]
    pub(crate) no_optimize: bool,

    /// Major version of that server [default: the newest that is installed]
    #[arg(long, value_name = "MAJOR")]
    pub(crate) pg_version: Option<u32>,

    #[command(flatten)]
    pub(crate) django: Django,

    #[command(flatten)]
    pub(crate) migrations: Migrations,

    #[command(flatten)]
    pub(crate) output: Output,
}
