//! `pgshift squash APP [FROM] TO` of a Django project: what squashmigrations would write, made whole, told, tried and only then written.

use super::trial::Trial;
use crate::cli::Squash;
use crate::commands::squash::schemas;
use crate::django::{self, Carried, Helper, Order, Said, Squashed};
use crate::records::{CarriedRecord, Created, ShiftResult, SquashRecord};
use common::cli::Session;
use common::error::{Error, Result};
use common::records::Warning;

pub(crate) fn run(session: &Session<ShiftResult>, args: &Squash) -> Result<()> {
    let (app, first, last) = range(args)?;
    let sandbox = if args.no_check { None } else { Some(schemas::server(args.pg_version)?) };
    let mut helper = django::alone(session, &args.django, sandbox.as_ref())?;
    let order = Order::Squash { app, first, last, name: args.name.as_deref(), optimize: !args.no_optimize };
    let squashed = asked(&mut helper, &order)?;
    tell(session, &squashed, args.dry_run);
    if let Some(sandbox) = sandbox {
        Trial::new(session, &mut helper, &sandbox, &squashed)?.run()?;
        sandbox.stop()?;
    }
    if args.dry_run {
        return Ok(());
    }
    match helper.ask(&Order::Keep)? {
        Said::Kept => {}
        other => return Err(unclear(&other)),
    }
    session.emit(&Created {
        path: squashed.path.clone(),
        version: squashed.version(),
        purpose: "squash".to_owned(),
    });
    session.note(&format!(
        "{} files and `replaces` may go when all databases have what they make",
        squashed.replaces.len()
    ));
    Ok(())
}

/// The app, its first and its last migration.
fn range(args: &Squash) -> Result<(&str, Option<&str>, &str)> {
    let [from, last, to] = [&args.from, &args.last, &args.to].map(Option::as_deref);
    match (args.app.as_deref(), from, last.or(to)) {
        (Some(app), first, Some(last)) => Ok((app, first, last)),
        (Some(app), Some(last), None) => Ok((app, None, last)),
        _ => Err(Error::usage("squash of a Django project needs an app and its last migration")
            .hint("pgshift squash APP [FROM] TO")),
    }
}

fn asked(helper: &mut Helper, order: &Order<'_>) -> Result<Squashed> {
    match helper.ask(order)? {
        Said::Squashed(squashed) => Ok(*squashed),
        other => Err(unclear(&other)),
    }
}

fn unclear(said: &Said) -> Error {
    Error::failed("helper", format!("the helper does not say what it puts together: {said:?}"))
}

/// What it would be, and what of it needs a look.
fn tell(session: &Session<ShiftResult>, squashed: &Squashed, text: bool) {
    session.emit(&SquashRecord {
        version: squashed.version(),
        path: squashed.path.clone(),
        replaces: squashed.replaces.iter().map(|(app, name)| format!("{app}.{name}")).collect(),
        operations_before: Some(squashed.before),
        operations: Some(squashed.operations),
        atomic: Some(squashed.atomic),
        text: text.then(|| squashed.text.clone()),
    });
    let carried: Vec<CarriedRecord> = squashed.carried.iter().map(record).collect();
    session.emit_all(&carried);
    if !squashed.atomic {
        let message =
            "it is not one transaction, as what it replaces is not: code of such a migration stays in it";
        session.warn(&Warning::new("not_atomic", message).object(&squashed.version()));
    }
    if carried.iter().any(|record| record.how == "borrowed") {
        let message = "it takes functions from the old files: copy them into it before those go";
        session.warn(&Warning::new("borrowed", message).object(&squashed.version()));
    }
}

fn record(carried: &Carried) -> CarriedRecord {
    let (app, name) = &carried.migration;
    CarriedRecord {
        version: format!("{app}.{name}"),
        operation: carried.text.clone(),
        file: carried.path.clone(),
        line: carried.line,
        how: carried.how.clone(),
    }
}
