//! `-d SOURCE`: the restored copy beside the live database that the dump is of.

use crate::cli::{Archive, Compare};
use crate::commands::compare;
use crate::compare::names::Patterns;
use crate::compare::side::Found;
use crate::copy::Copy;
use crate::records::VerifyResult;
use common::cli::flags::Connection;
use common::cli::{Session, signals};
use common::error::Result;
use common::format::manifest::Selection;
use common::pg::target::{ConnectOptions, Target};
use common::records::Warning;

/// Compares them when the live one was named. What is expected is what is live: A.
pub(super) fn compare(session: &Session<VerifyResult>, args: &Archive, copy: &Copy) -> Result<()> {
    if args.connection == Connection::default() {
        return Ok(());
    }
    let Connection { dbname, host, port, username } = args.connection.clone();
    let source = Target::resolve(&ConnectOptions { dbname, host, port, username })?;
    for warning in source.warnings() {
        session.warn(&Warning::new("connection", warning.clone()));
    }
    let source = source.with_application_name("pgverify").stop_when(signals::stop_requested);
    let asked = Patterns::parse(&Selection::default())?;
    let (a, b) = (Found::Live(Box::new(source)), Found::Live(Box::new(copy.target().clone())));
    compare::between(session, &alike(args), a, b, &asked)
}

/// What `pgverify compare` would be told.
fn alike(args: &Archive) -> Compare {
    Compare {
        a: String::new(),
        b: String::new(),
        identity: Vec::new(),
        store: None,
        jobs: args.jobs,
        rows: args.rows,
        show_values: args.show_values,
        schema: Vec::new(),
        exclude_schema: Vec::new(),
        table: Vec::new(),
        exclude_table: Vec::new(),
        schema_only: false,
        data_only: false,
        recheck: None,
        sync_sql: None,
        fail_fast: args.fail_fast,
        max_rate: None,
        max_active: None,
        output: args.output.clone(),
    }
}
