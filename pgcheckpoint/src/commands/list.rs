//! `pgcheckpoint list`: what can be checked.

use crate::catalogue::{Check, Choice, Role, Scope};
use crate::cli::List;
use crate::records::{CheckpointResult, Listed, Number};
use common::cli::Session;
use common::error::Result;
use common::sandbox::MAJORS;

pub(crate) fn run(session: &Session<CheckpointResult>, args: &List) -> Result<()> {
    let choice = Choice::resolve(&args.selection)?;
    let listed: Vec<Listed> = choice.checks.iter().map(listed).collect();
    session.emit_all(&listed);
    session.result().checks = Some(listed.len() as u64);
    Ok(())
}

fn listed(check: &Check) -> Listed {
    let has_bounds = check.bounds.warn.is_some() || check.bounds.crit.is_some();
    let bad = if check.bounds.below { "below" } else { "above" };
    let (from, to) = check.versions();
    Listed {
        check: check.name.clone(),
        group: check.group.clone(),
        about: check.about.clone(),
        unit: check.unit.name().to_owned(),
        warn: check.bounds.warn.map(Number),
        crit: check.bounds.crit.map(Number),
        bad: has_bounds.then(|| bad.to_owned()),
        severity: check.severity.map(|severity| severity.word().to_owned()),
        scope: if check.scope == Scope::Cluster { "server" } else { "database" }.to_owned(),
        on: check.on.map(|role| if role == Role::Primary { "primary" } else { "standby" }.to_owned()),
        extension: check.extension.clone(),
        reads: check.reads.clone(),
        needs: check.needs.clone().or_else(|| check.superuser.then(|| "superuser".to_owned())),
        grant: check
            .grant
            .clone()
            .or_else(|| check.needs.as_ref().map(|role| format!("GRANT {role} TO {{role}};"))),
        from_version: Some(from).filter(|from| from > MAJORS.start()),
        to_version: Some(to).filter(|to| *to != u32::MAX),
        hint: check.hint.clone(),
    }
}
