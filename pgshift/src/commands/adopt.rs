//! `pgshift adopt`: takes over the history of another tool.

use super::sight;
use crate::cli::Adopt;
use crate::history::{Applied, Author, Direction, History, Progress, Written, kind_word};
use crate::lock::{self, Lock};
use crate::native::{self, Adopted, Judgement, Kept, Past, Proof, Tool};
use crate::records::{AdoptedRecord, ConflictRecord, ShiftResult};
use crate::script;
use crate::source::MigrationKind;
use crate::state::{Entry, State};
use common::cli::Session;
use common::error::{Class, Error, Result};
use common::name::QualifiedName;
use common::pg::session::Session as Connection;
use common::pg::target::Target;
use common::records::Warning;

pub(crate) fn run(session: &Session<ShiftResult>, args: &Adopt) -> Result<()> {
    let migrations = sight::migrations(session, &args.place)?;
    let target = sight::target(session, &args.place)?;
    // Both, as apply: what a killed run left behind may still write.
    let _run = (!args.dry_run).then(|| locked(session, &target, Lock::Run, args)).transpose()?;
    let mut connection = connect(session, &target, args)?;
    let history = History::new(&args.place.history_schema);
    let rows = history.read(&mut connection)?;
    let state = State::of(&migrations, &rows)?;
    let (tool, table) = choose(session, &mut connection, args)?;
    session.note(&format!("taking over {table}, the history of {}", tool.name()));
    let past = tool.read(&mut connection, &table);
    let past = past.map_err(|error| error.context(format!("cannot read {table}")))?;
    refuse_dirty(&past, &table)?;
    let judgement = native::judge(tool, &migrations, &past)?;
    let found = tell(session, args, &state, &rows, judgement)?;
    if args.dry_run {
        return Ok(());
    }
    let kept = args.keep_history.then(|| Kept::new(tool, table));
    write(session, &mut connection, &history, &state, &found, kept.as_ref(), args)
}

/// A session that only reads, or one that holds the lock.
fn connect(session: &Session<ShiftResult>, target: &Target, args: &Adopt) -> Result<Connection> {
    if args.dry_run {
        let mut connection = Connection::open(target)?;
        connection.pin()?;
        connection.execute("BEGIN READ ONLY")?;
        return Ok(connection);
    }
    let mut connection = locked(session, target, Lock::Work, args)?;
    connection.pin_for_writing()?;
    Ok(connection)
}

fn locked(session: &Session<ShiftResult>, target: &Target, lock: Lock, args: &Adopt) -> Result<Connection> {
    lock::open(target, lock, args.wait, |holder| {
        session.warn(&Warning::new("locked", format!("waiting for another pgshift: {holder}")));
    })
}

/// The tool's table: the only one, that of the directory's convention, or the one that was named.
fn choose(
    session: &Session<ShiftResult>,
    connection: &mut Connection,
    args: &Adopt,
) -> Result<(&'static dyn Tool, QualifiedName)> {
    let convention = session.result().convention.clone().unwrap_or_default();
    let mut found = native::find(connection)?;
    if let Some(named) = &args.from {
        found.retain(|(tool, table)| {
            tool.name() == named || table.to_string() == *named || table.name == *named
        });
    } else if found.len() > 1 && found.iter().any(|(tool, _)| tool.name() == convention) {
        found.retain(|(tool, _)| tool.name() == convention);
    }
    let shown: Vec<String> =
        found.iter().map(|(tool, table)| format!("{table} of {}", tool.name())).collect();
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => {
            let message = format!("there are several histories: {}", shown.join(", "));
            Err(Error::usage(message)
                .code_is("history_ambiguous")
                .hint("say which with --from TOOL or --from TABLE"))
        }
        (None, _) => {
            let what =
                args.from.as_ref().map_or_else(String::new, |named| format!(" by the name of {named}"));
            let message = format!("this database has no history of another tool{what} that is known");
            Err(Error::failed("no_history", message)
                .hint("is it the right database, and may this role see the table?"))
        }
    }
}

fn refuse_dirty(past: &Past, table: &QualifiedName) -> Result<()> {
    let Some((first, more)) = past.dirty.split_first() else { return Ok(()) };
    let message = format!("{table} says that something was left half-way");
    let error = more.iter().fold(Error::refused("dirty", message).cause(first.clone()), |error, dirty| {
        error.cause(dirty.clone())
    });
    Err(error.hint("finish or undo it by hand, repair that row with its own tool, and adopt again"))
}

/// Tells what was found. Contradictions that nobody accepted end it.
fn tell(
    session: &Session<ShiftResult>,
    args: &Adopt,
    state: &State<'_>,
    rows: &[Applied],
    judgement: Judgement,
) -> Result<Vec<Adopted>> {
    let Judgement { applied: mut found, conflicts } = judgement;
    let (accepted, left): (Vec<_>, Vec<_>) =
        conflicts.into_iter().partition(|conflict| args.accept.contains(&conflict.version));
    for index in accepted.iter().filter_map(|conflict| conflict.index) {
        found.push(Adopted { index, proof: Proof::Accepted, at: None });
    }
    found.sort_by_key(|adopted| adopted.index);
    let known = |entry: &Entry<'_>| entry.row.is_some();
    let records: Vec<AdoptedRecord> = found
        .iter()
        .filter_map(|adopted| {
            let entry = state.entries.get(adopted.index)?;
            Some(AdoptedRecord {
                version: entry.migration.version.clone(),
                name: entry.migration.name.clone(),
                kind: kind_word(entry.migration.kind).to_owned(),
                file: entry.migration.up.path.display().to_string(),
                proof: adopted.proof.word().to_owned(),
                applied_at: adopted.at.clone(),
                known: known(entry),
            })
        })
        .collect();
    session.emit_all(&records);
    let conflicts: Vec<ConflictRecord> = left
        .iter()
        .map(|conflict| {
            let entry = conflict.index.and_then(|index| state.entries.get(index));
            let kind = entry.map_or(MigrationKind::Versioned, |entry| entry.migration.kind);
            ConflictRecord {
                conflict: conflict.kind.to_owned(),
                version: conflict.version.clone(),
                kind: kind_word(kind).to_owned(),
                file: entry.map(|entry| entry.migration.up.path.display().to_string()),
                message: conflict.message.clone(),
                hint: conflict.hint.clone(),
            }
        })
        .collect();
    session.emit_all(&conflicts);
    let mut result = session.result();
    result.conflicts = Some(conflicts.len() as u64);
    result.applied = Some(if conflicts.is_empty() { records.len() as u64 } else { rows.len() as u64 });
    let rest = state
        .entries
        .iter()
        .enumerate()
        .filter(|(index, entry)| entry.is_due() && !found.iter().any(|adopted| adopted.index == *index));
    result.pending = Some(rest.count() as u64);
    drop(result);
    match left.first() {
        None => Ok(found),
        Some(first) => {
            let error = Error::new(Class::No, first.kind, first.message.clone()).hint(first.hint.clone());
            let more = left.len() - 1;
            Err(if more == 0 { error } else { error.cause(format!("and {more} more, each with a record")) })
        }
    }
}

/// Writes the history: all of it, or nothing.
fn write(
    session: &Session<ShiftResult>,
    connection: &mut Connection,
    history: &History,
    state: &State<'_>,
    found: &[Adopted],
    kept: Option<&Kept>,
    args: &Adopt,
) -> Result<()> {
    let author = Author {
        host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
        run: session.run_id().to_owned(),
        gate: "adopted".to_owned(),
        snapshot: None,
        store: None,
    };
    let mut sql = Vec::new();
    for adopted in found {
        let Some(entry) = state.entries.get(adopted.index).filter(|entry| entry.row.is_none()) else {
            continue;
        };
        sql.extend(rows_of(history, entry, adopted, &author));
    }
    if let Some(kept) = kept {
        // What can't be written is known now, and not when the next migration is applied.
        let all: Vec<_> = state.entries.iter().map(|entry| (entry.migration, 1)).collect();
        kept.strokes(&args.place.migrations.dir, &all)?;
        sql.extend(kept.keep(history.schema()));
    }
    history.create(connection)?;
    sql.insert(0, "BEGIN".to_owned());
    sql.push("COMMIT".to_owned());
    let all: Vec<&[u8]> = sql.iter().map(String::as_bytes).collect();
    match connection.run_all(&all) {
        Ok(tag) if tag == "COMMIT" => Ok(()),
        Ok(tag) => Err(Error::failed("not_committed", format!("the server answered COMMIT with {tag}"))),
        Err(broken) => Err(broken.error.context("cannot write the history")),
    }
}

fn rows_of(history: &History, entry: &Entry<'_>, adopted: &Adopted, author: &Author) -> Vec<String> {
    let migration = entry.migration;
    let statements = entry.parsed.statements.len();
    let written = Written {
        kind: migration.kind,
        version: &migration.version,
        name: &migration.name,
        checksum: &entry.checksum,
        statements,
    };
    let progress = Progress {
        direction: Direction::Up,
        done: statements,
        done_checksum: &script::of_first(&entry.parsed, statements),
        under_way: None,
        complete: true,
    };
    let insert = history.insert(&written, &progress, author);
    let dated = adopted.at.as_ref().map(|at| history.dated(migration.kind, &migration.version, at));
    [insert].into_iter().chain(dated).collect()
}
