//! What can be checked: each check is a file `checks/GROUP/NAME.sql`, whose head says all there is to know of it.
//!
//! Knows no server. How a head is written is told in `checks/README.md`; what SQL cannot see is in `crate::run::own`,
//! with a head of the same form.

mod bounds;
mod choice;
#[cfg(test)]
mod documented;
mod header;
mod template;
mod unit;

pub(crate) use bounds::Bounds;
pub(crate) use choice::Choice;
pub(crate) use template::fill;
pub(crate) use unit::Unit;

use crate::records::State;
use crate::run::own;
use common::error::Result;

/// Group, name and text of each file of checks.
const FILES: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/checks.rs"));

/// One check.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    /// `group.name`: never renamed.
    pub(crate) name: String,
    pub(crate) group: String,
    /// What it tells, in one sentence.
    pub(crate) about: String,
    pub(crate) unit: Unit,
    pub(crate) bounds: Bounds,
    /// Each row is a finding of this severity; otherwise each has a value that the bounds judge.
    pub(crate) severity: Option<State>,
    pub(crate) scope: Scope,
    /// The only kind of server that it applies to.
    pub(crate) on: Option<Role>,
    /// The extension that has to be there.
    pub(crate) extension: Option<String>,
    /// Whether only superusers may see it, and nobody should be given the right.
    pub(crate) superuser: bool,
    /// The role that who asks has to be a member of.
    pub(crate) needs: Option<String>,
    /// The statement that helps who lacks rights; `{role}` is who.
    pub(crate) grant: Option<String>,
    /// Where its knowledge comes from.
    pub(crate) reads: String,
    /// The form of its messages.
    pub(crate) message: String,
    /// What it says when nothing was found.
    pub(crate) fine: Option<String>,
    /// The form of its hints.
    pub(crate) hint: Option<String>,
    pub(crate) work: Work,
}

/// What a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The server with all its databases: once is enough.
    Cluster,
    /// The database that the session is in.
    Database,
}

/// What a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Primary,
    Standby,
}

/// How a check finds out.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    /// By a query; each is for a range of versions.
    Sql(Vec<Query>),
    /// By the program itself.
    Own(own::Look),
}

/// A query for servers of some versions.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) sql: String,
}

impl Check {
    /// The query for servers of this major version.
    pub(crate) fn query(&self, major: u32) -> Option<&Query> {
        match &self.work {
            Work::Sql(queries) => queries.iter().find(|query| (query.from..=query.to).contains(&major)),
            Work::Own(_) => None,
        }
    }

    /// The first and the last major version that it applies to; `u32::MAX` for all to come.
    pub(crate) fn versions(&self) -> (u32, u32) {
        match &self.work {
            Work::Sql(queries) => (
                queries.iter().map(|query| query.from).min().unwrap_or_default(),
                queries.iter().map(|query| query.to).max().unwrap_or_default(),
            ),
            Work::Own(_) => (0, u32::MAX),
        }
    }
}

/// All checks, in the order of their names.
pub(crate) fn all() -> Result<Vec<Check>> {
    let mut checks = Vec::with_capacity(FILES.len() + own::ALL.len());
    for (group, name, text) in FILES {
        checks.push(header::parse(group, name, text, None)?);
    }
    for own in own::ALL {
        checks.push(header::parse(own.group, own.name, own.head, Some(own.look))?);
    }
    checks.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(checks)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_head_can_be_read_and_says_what_it_must() {
        let checks = super::all().unwrap();
        for check in &checks {
            assert!(!check.about.is_empty() && !check.reads.is_empty(), "{}", check.name);
            assert!(!check.message.is_empty(), "{} has no message", check.name);
            assert!(
                check.severity.is_none() || check.fine.is_some(),
                "{}: what is said when all is well?",
                check.name
            );
            assert!(check.about.ends_with('.'), "{}: {}", check.name, check.about);
            if let super::Work::Sql(queries) = &check.work {
                // A database of another encoding may not have the character, and fails the query.
                assert!(queries.iter().all(|query| query.sql.is_ascii()), "the query of {}", check.name);
            }
        }
        assert!(checks.windows(2).all(|pair| pair[0].name < pair[1].name), "two checks have one name");
    }
}
