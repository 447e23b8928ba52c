//! `pgverify compare`.

use crate::cli::Compare;
use crate::compare::Comparison;
use crate::compare::live::Live;
use crate::compare::names::Patterns;
use crate::compare::side::{self, Found, Meant, Side};
use crate::compare::stored::Stored;
use crate::compare::tell::{Tally, Teller};
use crate::records::VerifyResult;
use crate::sync::Script;
use common::cli::{Session, human};
use common::error::{Class, Error, Result};
use common::format::manifest::Selection;
use common::records::Warning;
use common::store::Store;
use common::throttle::Limits;
use std::path::Path;
use std::time::Duration;

pub(crate) fn run(session: &Session<VerifyResult>, args: &Compare) -> Result<()> {
    let asked = Patterns::parse(&Selection {
        schemas: args.schema.clone(),
        exclude_schemas: args.exclude_schema.clone(),
        tables: args.table.clone(),
        exclude_tables: args.exclude_table.clone(),
        ..Selection::default()
    })?;
    let mut opened = None;
    let (a, b) = (find(session, args, &mut opened, &args.a)?, find(session, args, &mut opened, &args.b)?);
    between(session, args, a, b, &asked)
}

/// Compares two sides that were found; the words for them in `args` do not count.
pub(crate) fn between(
    session: &Session<VerifyResult>,
    args: &Compare,
    a: Found,
    b: Found,
    asked: &Patterns,
) -> Result<()> {
    if args.recheck.is_some() && !matches!((&a, &b), (Found::Live(_), Found::Live(_))) {
        return Err(Error::usage("--recheck looks again at two live databases")
            .hint("a snapshot stays as it is: leave it out"));
    }
    let (a, b) = side::open(a, b, asked)?;
    note(session, &a, &b);
    let script = match (&args.sync_sql, b.live()) {
        (Some(_), None) => {
            return Err(Error::usage("--sync-sql is for a live side B, and a snapshot is never changed"));
        }
        (path, _) => path.as_deref().map(Script::new),
    };
    let teller = Teller::new(session, args.show_values, args.fail_fast, script.as_ref());
    let comparison = Comparison {
        a: &a,
        b: &b,
        jobs: usize::from(args.jobs),
        asked,
        rows: args.rows,
        data: !args.schema_only,
        schema: !args.data_only,
        recheck: args.recheck.map(Duration::from_secs_f64),
        limits: Limits { rate: args.max_rate, active: args.max_active, nice: false },
        teller: &teller,
    };
    let done = comparison.run().map_err(Error::under_way);
    teller.done();
    let tally = teller.tally().clone();
    fill(session, args, &tally);
    done?;
    if let (Some(script), Some(live)) = (&script, b.live()) {
        write(session, args, script, (&a, live))?;
    }
    conclude(session, args, (&a, &b), &tally)
}

/// Writes the script that would make side B equal to side A.
fn write(
    session: &Session<VerifyResult>,
    args: &Compare,
    script: &Script,
    (a, b): (&Side, &Live),
) -> Result<()> {
    let from = match a {
        Side::Stored(stored) => format!("snapshot {}", stored.manifest.id),
        Side::Live(live) => live.target().describe(),
    };
    let about = format!("Makes {}\nequal to {from}", b.target().describe());
    let rows = script.write(&mut b.join()?, &about)?;
    let path = args.sync_sql.as_deref().unwrap_or_else(|| Path::new("")).display();
    session.note(&format!(
        "{path} has the statements for {}; review it before you run it",
        human::plural(rows, "row")
    ));
    Ok(())
}

/// What a word means, and the way to it. A store that took a key is not asked for it twice: its file may be a pipe.
fn find(
    session: &Session<VerifyResult>,
    args: &Compare,
    opened: &mut Option<Store>,
    word: &str,
) -> Result<Found> {
    let mut store = || {
        if let Some(store) = &opened {
            return store.reopen();
        }
        let Some(place) = &args.store else {
            return Err(Error::usage(format!("{word:?} is a snapshot, and no store was named"))
                .hint("say --store STORE or set PGSNAP_STORE; db:NAME means a database of that name"));
        };
        let store = common::cli::store::open(place, &args.identity)?;
        if store.is_sealed() {
            *opened = Some(store.reopen()?);
        }
        Ok(store)
    };
    let stored = |store: Store, name: &str| -> Result<Found> {
        let manifest = store.manifest(&store.find(name)?)?;
        Ok(Found::Stored(Box::new(Stored::open(store, manifest)?)))
    };
    match Meant::parse(word) {
        Meant::Records => {
            // The store behind them: the tool before may be the one that makes it.
            let upstream = session.upstream()?;
            upstream.succeeded()?;
            let line = upstream
                .last("pgsnap", "snapshot")
                .ok_or_else(|| Error::refused("no_snapshot", "the records on stdin name no snapshot"))?;
            let named: Named = line.decode()?;
            stored(store()?, &named.snapshot)
        }
        Meant::Snapshot(name) => stored(store()?, &name),
        Meant::Database(connection) => {
            let target = side::target(&connection)?;
            for warning in target.warnings() {
                session.warn(&Warning::new("connection", warning.clone()));
            }
            Ok(Found::Live(Box::new(target)))
        }
    }
}

#[derive(serde::Deserialize)]
struct Named {
    snapshot: String,
}

fn note(session: &Session<VerifyResult>, a: &Side, b: &Side) {
    let mut result = session.result();
    if let Some(stored) = a.stored().or(b.stored()) {
        result.store = Some(stored.store.location().to_string());
        result.snapshot = Some(stored.manifest.id.to_string());
        result.lsn = Some(stored.manifest.source.lsn.clone());
        result.snapshot_time = Some(stored.manifest.source.snapshot_time.clone());
    }
    result.database = Some(a.source().database.clone());
    result.system_identifier = Some(a.source().system_identifier.clone()).filter(|id| !id.is_empty());
    result.source_version = Some(a.source().server_version.clone());
    result.copy_version = Some(b.source().server_version.clone());
}

fn fill(session: &Session<VerifyResult>, args: &Compare, tally: &Tally) {
    let mut result = session.result();
    result.skipped = Some(tally.skipped);
    result.differences = Some(tally.differences);
    if !args.data_only {
        result.objects = Some(tally.objects);
    }
    if !args.schema_only {
        result.tables = Some(tally.tables);
        result.tables_differing = Some(tally.differing);
        result.expected_rows = Some(tally.a_rows);
        result.found_rows = Some(tally.b_rows);
        result.expected_bytes = Some(tally.a_bytes);
        result.found_bytes = Some(tally.b_bytes);
        result.read_bytes = Some(tally.read_bytes);
        result.sequences = Some(tally.sequences);
        result.materialized_views = Some(tally.matviews);
        result.large_objects = Some(tally.large_objects);
    }
    if args.rows {
        result.rows_missing = Some(tally.missing);
        result.rows_extra = Some(tally.extra);
        result.rows_changed = Some(tally.changed);
    }
    if args.max_rate.is_some() || args.max_active.is_some() {
        result.pauses = Some(tally.pauses);
    }
    if args.recheck.is_some() {
        result.rows_in_flight = Some(tally.in_flight);
    }
}

/// The answer: equal, different, or not known.
fn conclude(
    session: &Session<VerifyResult>,
    args: &Compare,
    sides: (&Side, &Side),
    tally: &Tally,
) -> Result<()> {
    say(session, args, sides, tally);
    if tally.differences > 0 {
        session.result().proved = Some(false);
        let what = format!("the sides differ in {}", human::plural(tally.differences, "thing"));
        let error = Error::new(Class::No, "differs", what);
        return Err(tally.first.iter().fold(error, |error, first| error.cause(first.clone())));
    }
    if tally.untold > 0 {
        let what = format!("{} could not be compared", human::plural(tally.untold, "object"));
        return Err(Error::failed("not_compared", what)
            .cause("what was compared is equal")
            .hint("the records of type `skipped` say what and why; -T and -N leave it out on purpose"));
    }
    // A schema alone proves nothing of the data: every database has one.
    let data = tally.tables + tally.sequences + tally.matviews + tally.large_objects;
    let compared = if args.schema_only { tally.objects } else { data };
    if compared == 0 {
        return Err(Error::failed(
            "nothing_compared",
            "nothing was compared: the sides have nothing in common",
        )
        .hint("look at what -n, -N, -t and -T select"));
    }
    session.result().proved = Some(true);
    Ok(())
}

/// What a person wants to know of a snapshot and a live database: what restoring it would lose.
fn say(session: &Session<VerifyResult>, args: &Compare, (a, b): (&Side, &Side), tally: &Tally) {
    let (Some(stored), Some(_)) = (a.stored(), b.live()) else { return };
    if !args.rows || args.fail_fast {
        return;
    }
    let rows = |count: u64| human::plural(count, "row");
    let (id, time) = (&stored.manifest.id, &stored.manifest.source.snapshot_time);
    let message = if tally.missing + tally.extra + tally.changed == 0 {
        format!("since snapshot {id} of {time} no row was written: restoring it would lose none")
    } else {
        format!(
            "since snapshot {id} of {time} {} added, {} changed and {} deleted: that would be lost by restoring it",
            rows(tally.extra),
            rows(tally.changed),
            rows(tally.missing)
        )
    };
    session.note(&message);
}
