//! `pgcheckpoint run`: makes the checks, once.

use crate::catalogue::Choice;
use crate::cli::{Judgement, Run};
use crate::file;
use crate::records::{CheckRecord, CheckpointResult};
use crate::run::{Round, target};
use crate::saved::{Found, Save};
use crate::verdict::Verdict;
use common::cli::Session;
use common::error::{Error, Result};
use common::pg::target::Target;
use common::records::{ResultRecord, Warning};
use std::time::Instant;

pub(crate) fn run(session: &Session<CheckpointResult>, args: &Run) -> Result<()> {
    if args.write.is_some() && !session.format().is_page() {
        return Err(
            Error::usage("--write is for a page").hint("--format prometheus --write /…/pgcheckpoint.prom")
        );
    }
    let done = checks(session, args);
    if let Some(path) = &args.write {
        let page = session.result().page(session.format(), done.as_ref().err()).unwrap_or_default();
        session.result().is_written = true;
        file::replace(path, page.text.as_bytes())?;
    }
    done
}

fn checks(session: &Session<CheckpointResult>, args: &Run) -> Result<()> {
    let choice = Choice::resolve(&args.selection)?;
    let targets = target::resolve(&args.look.databases)?;
    session.result().servers =
        targets.iter().map(|target| format!("{}:{}", target.host(), target.port())).collect();
    if args.selection.checks.iter().any(|word| word == "-") {
        session.upstream()?.succeeded()?;
    }
    begin(session, &targets, args.judgement);
    let mut save = args.save.as_deref().map(Save::begin).transpose()?;
    let mut verdict = Verdict::default();
    let round = Round { choice: &choice, targets: &targets, look: &args.look, measured: save.is_some() };
    let made = round.make(&mut |found| {
        if let Some(save) = &mut save {
            save.put(&found);
        }
        match found {
            Found::Check(record) => {
                verdict.count(&record);
                tell(session, record, args.judgement.only_problems);
            }
            Found::Measure(_) => {}
            Found::Unmeasured(error) => unmeasured(session, &error),
        }
    })?;
    session.result().checks = Some(made);
    if let Some(save) = save {
        save.commit()?;
    }
    verdict.conclude(args.judgement.fail_on, args.judgement.unknown_as)
}

/// What comes before the first record.
pub(super) fn begin(session: &Session<CheckpointResult>, targets: &[Target], judgement: Judgement) {
    for warning in targets.iter().flat_map(Target::warnings) {
        session.warn(&Warning::new("connection", warning.clone()));
    }
    session.csv_head::<CheckRecord>();
    let mut result = session.result();
    result.begun = Some(Instant::now());
    result.unknown_is = Some(judgement.unknown_as.state());
}

/// Says what a check found.
pub(super) fn tell(session: &Session<CheckpointResult>, record: CheckRecord, only_problems: bool) {
    session.result().count(&record);
    if record.status.is_problem() || !only_problems {
        session.emit(&record);
    }
    if session.format().is_page() {
        session.result().kept.push(record);
    }
}

/// Tells that there will be less to compare.
pub(super) fn unmeasured(session: &Session<CheckpointResult>, error: &Error) {
    let what = format!("sizes and statements were not measured: {error}");
    session.warn(&Warning::new("not_measured", what));
}
