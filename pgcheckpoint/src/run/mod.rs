//! One round of checks over some databases: asks, judges, and hands on a record for each finding.
//!
//! Prints nothing and decides no exit code. What must hold: one session a database, no check without a timeout, nothing
//! after the deadline; a check that fails is `unknown` and stops no other.

pub(crate) mod deadline;
mod facts;
mod finding;
mod further;
mod judge;
mod measure;
pub(crate) mod own;
mod refusal;
mod server;
pub(crate) mod target;

pub(crate) use facts::Facts;
pub(crate) use finding::Finding;

use crate::catalogue::{Check, Choice, Role, Scope, Work};
use crate::cli::Look;
use crate::records::State;
use crate::saved::Found;
use common::cli::signals;
use common::error::{Class, Error, Result};
use common::pg::target::Target;
use judge::Place;
use server::Server;
use std::collections::BTreeSet;

/// What is looked at, and how.
pub(crate) struct Round<'a> {
    pub(crate) choice: &'a Choice,
    pub(crate) targets: &'a [Target],
    pub(crate) look: &'a Look,
    /// Whether it shall measure what is compared later.
    pub(crate) measured: bool,
}

/// Takes what is found.
pub(crate) type Tell<'a> = &'a mut dyn FnMut(Found);

impl Round<'_> {
    /// Makes the checks. Gives how many were made; fails only when it is told to stop, or when another round is at work.
    pub(crate) fn make(&self, tell: Tell<'_>) -> Result<u64> {
        deadline::set(self.look.limits.timeout);
        let mut servers = BTreeSet::new();
        let mut made = 0;
        for target in self.targets {
            made += self.visit(target, &mut servers, tell)?;
        }
        Ok(made)
    }

    /// The checks of one server that were not made yet, and those of the database.
    fn visit(&self, target: &Target, servers: &mut BTreeSet<String>, tell: Tell<'_>) -> Result<u64> {
        if deadline::is_over() {
            return self.unvisited(target, 0, tell);
        }
        let mut server = match Server::open(target, &self.look.limits) {
            Ok(server) => server,
            Err(error) => return self.unreachable(target, &error, tell),
        };
        server.take_turn()?;
        let first = servers.insert(server.facts.identity.clone());
        let mut made = self.checks(&mut server, tell, |check| first || check.scope == Scope::Database)?;
        let others = if self.look.databases.every && first { server.databases()? } else { Vec::new() };
        drop(server);
        let others: Vec<_> = others.iter().filter(|name| *name != target.database()).collect();
        for (number, name) in others.iter().enumerate() {
            let target = target.with_database(name);
            match Server::open(&target, &self.look.limits) {
                Ok(mut server) => {
                    server.take_turn()?;
                    made += self.checks(&mut server, tell, |check| check.scope == Scope::Database)?;
                }
                // It lets people in; there was no time left.
                Err(_) if deadline::is_over() && !signals::stop_requested() => {
                    return Ok(made + self.unvisited(&target, others.len() - number - 1, tell)?);
                }
                Err(error) => made += self.unreachable(&target, &error, tell)?,
            }
        }
        Ok(made)
    }

    /// The checks that are meant and apply, one after another.
    fn checks(&self, server: &mut Server, tell: Tell<'_>, meant: impl Fn(&Check) -> bool) -> Result<u64> {
        let mut made = 0;
        for check in self.choice.checks.iter().filter(|check| meant(check)) {
            let place =
                Place { server: server.facts.server.clone(), database: database(check, &server.facts) };
            if let Some(why) = self.idle(check, &server.facts) {
                if self.choice.named.contains(&check.name) {
                    let message = format!("does not apply: {why}");
                    tell(Found::Check(judge::plain(check, &place, State::Info, &message, None)));
                }
                continue;
            }
            made += 1;
            let found = refusal::lacks(check, &server.facts).map_or_else(|| self.look(server, check), Err);
            if signals::stop_requested() {
                return Err(Error::new(Class::Interrupted, "interrupted", "stopped between two checks"));
            }
            match found {
                Ok(findings) => {
                    let limit = usize::try_from(self.look.limits.limit).unwrap_or(usize::MAX);
                    let judged = judge::judge(check, self.choice, &place, &server.facts, findings);
                    let told = judge::told(judged, check, &place, limit);
                    told.into_iter().map(Found::Check).for_each(&mut *tell);
                }
                Err(error) => {
                    tell(Found::Check(refusal::unknown(
                        check,
                        &place,
                        &server.facts,
                        &self.look.limits,
                        &error,
                    )));
                }
            }
        }
        if self.measured {
            match measure::measures(server) {
                Ok(measures) => measures.into_iter().map(Found::Measure).for_each(tell),
                Err(error) => tell(Found::Unmeasured(error)),
            }
        }
        Ok(made)
    }

    fn look(&self, server: &mut Server, check: &Check) -> Result<Vec<Finding>> {
        match (&check.work, check.query(server.facts.major)) {
            (Work::Own(look), _) => look(&mut own::Sight { server, outside: &self.look.outside }),
            (Work::Sql(_), Some(query)) => {
                let rows = server.ask(&query.sql)?;
                further::findings(server, rows, &self.look.limits)
            }
            (Work::Sql(_), None) => Ok(Vec::new()),
        }
    }

    /// Why a check has nothing to look at here.
    fn idle(&self, check: &Check, facts: &Facts) -> Option<String> {
        let role = if facts.standby { Role::Standby } else { Role::Primary };
        if check.on.is_some_and(|on| on != role) {
            let is = if facts.standby { "a standby" } else { "no standby" };
            return Some(format!("the server is {is}"));
        }
        if check.superuser && !facts.has("superuser") {
            return Some("only superusers may see it".to_owned());
        }
        if let Some(extension) = check.extension.as_ref().filter(|name| !facts.extensions.contains_key(*name))
        {
            return Some(format!("the extension {extension} is not in this database"));
        }
        match check.work {
            Work::Sql(_) if check.query(facts.major).is_none() => {
                Some(format!("PostgreSQL {} cannot tell", facts.major))
            }
            Work::Own(_) => own::idle(check, &self.look.outside),
            Work::Sql(_) => None,
        }
    }

    /// The time was over before a database, and `more` of its server, were looked into.
    fn unvisited(&self, target: &Target, more: usize, tell: Tell<'_>) -> Result<u64> {
        tell(Found::Check(refusal::unvisited(target, more, &self.look.limits)?));
        Ok(0)
    }

    /// The server does not let us in: the one thing that can be told of it.
    fn unreachable(&self, target: &Target, error: &Error, tell: Tell<'_>) -> Result<u64> {
        if signals::stop_requested() {
            return Err(error.clone());
        }
        tell(Found::Check(refusal::unreachable(target, error, &self.look.limits)?));
        Ok(1)
    }
}

fn database(check: &Check, facts: &Facts) -> Option<String> {
    (check.scope == Scope::Database).then(|| facts.database.clone())
}
