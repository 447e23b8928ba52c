//! Checks that no query can make: of the connection itself, and of what lies outside of the server.

mod backups;
mod connect;
mod disk;
mod dumps;
mod growth;
mod lines;
mod log;

use super::Finding;
use super::server::Server;
use crate::catalogue::Check;
use crate::cli::Outside;
use common::error::{Error, Result};
use jiff::Timestamp;

/// How such a check looks.
pub(crate) type Look = fn(&mut Sight<'_>) -> Result<Vec<Finding>>;

/// What such a check may look at.
pub(crate) struct Sight<'a> {
    pub(crate) server: &'a mut Server,
    pub(crate) outside: &'a Outside,
}

/// Such a check.
pub(crate) struct Own {
    pub(crate) group: &'static str,
    pub(crate) name: &'static str,
    /// As the head of a `.sql` file.
    pub(crate) head: &'static str,
    pub(crate) look: Look,
    /// Why it has nothing to look at.
    pub(crate) idle: fn(&Outside) -> Option<&'static str>,
}

/// All of them.
pub(crate) const ALL: &[Own] = &[
    backups::AGE,
    backups::SIZE,
    backups::VERIFIED,
    connect::CHECK,
    disk::CHECK,
    dumps::AGE,
    dumps::SIZE,
    growth::DATABASE,
    growth::DISK,
    log::CRASHES,
    log::ERRORS,
];

/// Why a check has nothing to look at.
pub(crate) fn idle(check: &Check, outside: &Outside) -> Option<String> {
    let own = ALL.iter().find(|own| check.name == format!("{}.{}", own.group, own.name))?;
    (own.idle)(outside).map(str::to_owned)
}

/// How long ago a moment was, given as RFC 3339 has it.
fn seconds_since(time: &str) -> Result<f64> {
    let then: Timestamp = time
        .parse()
        .map_err(|_| Error::failed("damaged", format!("{time:?} stands where a time was due")))?;
    Ok(Timestamp::now().duration_since(then).as_secs_f64().max(0.0))
}
