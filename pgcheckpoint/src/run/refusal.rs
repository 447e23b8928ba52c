//! What could not be seen, and which way out there is.

use super::judge::{self, Place};
use super::{Facts, deadline};
use crate::catalogue::{Check, all, fill};
use crate::cli::Limits;
use crate::records::{CheckRecord, State};
use common::cli::human;
use common::error::{Error, Result};
use common::name::ident;
use common::pg::target::Target;

/// The right that who asks lacks for a check.
pub(super) fn lacks(check: &Check, facts: &Facts) -> Option<Error> {
    let needs = check.needs.as_deref().filter(|needs| !facts.has(needs))?;
    let what = format!("{} may not see it without the rights of {needs}", ident(&facts.user));
    Some(Error::failed("permission_denied", what))
}

/// The record of a check that failed.
pub(super) fn unknown(
    check: &Check,
    place: &Place,
    facts: &Facts,
    limits: &Limits,
    error: &Error,
) -> CheckRecord {
    let denied = error.code() == "permission_denied";
    let (message, hint) = match error.code() {
        _ if deadline::is_over() => (
            format!("not told: the run had to end after {}", human::seconds(limits.timeout)),
            Some("a longer --timeout, or fewer checks at once".to_owned()),
        ),
        "query_canceled" => (
            format!("not told: it took longer than {}", human::seconds(limits.statement_timeout)),
            Some("a longer --statement-timeout".to_owned()),
        ),
        "lock_not_available" => (
            "not told: somebody holds a lock on what it looks at".to_owned(),
            Some("`pgcheckpoint run locks` tells who waits for whom".to_owned()),
        ),
        _ => (format!("not told: {error}"), error.advice().map(str::to_owned)),
    };
    let hint = if denied { Some(grant(check, facts)) } else { hint };
    judge::plain(check, place, State::Unknown, &message, hint)
}

/// The statement that gives the right.
fn grant(check: &Check, facts: &Facts) -> String {
    let role = check.needs.as_deref().filter(|needs| *needs != "superuser").unwrap_or("pg_monitor");
    let usual = format!("GRANT {role} TO {{role}};");
    let form = check.grant.as_deref().unwrap_or(&usual);
    fill(form, |name| (name == "role").then(|| ident(&facts.user)))
}

/// What can be told of a server that does not let us in.
pub(super) fn unreachable(target: &Target, error: &Error, limits: &Limits) -> Result<CheckRecord> {
    // The server is there and knows whom it does not want: that tells nothing of its health.
    let stranger = error.sqlstate().is_some_and(|state| state.starts_with("28"));
    let status = if stranger { State::Unknown } else { State::Crit };
    let late = format!("no answer before the run had to end after {}", human::seconds(limits.timeout));
    let message = if deadline::is_over() { late } else { error.to_string().replace('\n', " ") };
    connecting(target, status, &message, error.advice().map(str::to_owned))
}

/// What can be told of a database, and of `more` beside it, for which no time was left.
pub(super) fn unvisited(target: &Target, more: usize, limits: &Limits) -> Result<CheckRecord> {
    let others = match more {
        0 => String::new(),
        more => format!(" and {} more", human::plural(more as u64, "database")),
    };
    let database = ident(target.database());
    let message = format!(
        "not told of {database}{others}: the run had to end after {}",
        human::seconds(limits.timeout)
    );
    connecting(
        target,
        State::Unknown,
        &message,
        Some("a longer --timeout, or fewer databases at once".to_owned()),
    )
}

/// A record of the check that connects.
fn connecting(target: &Target, status: State, message: &str, hint: Option<String>) -> Result<CheckRecord> {
    let checks = all()?;
    let lost = || Error::failed("internal", "there is no check availability.connect");
    let check = checks.iter().find(|check| check.name == "availability.connect").ok_or_else(lost)?;
    let place = Place {
        server: format!("{}:{}", target.host(), target.port()),
        database: Some(target.database().to_owned()),
    };
    let mut record = judge::plain(check, &place, status, message, hint);
    record.key = format!("{}/{}", check.name, target.database());
    Ok(record)
}
