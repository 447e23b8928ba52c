//! Checks that no query can make: of the connection itself, and of what lies outside of the server.

mod connect;

use super::Finding;
use super::server::Server;
use crate::catalogue::Check;
use crate::cli::Outside;
use common::error::Result;

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
pub(crate) const ALL: &[Own] = &[connect::CHECK];

/// Why a check has nothing to look at.
pub(crate) fn idle(check: &Check, outside: &Outside) -> Option<String> {
    let own = ALL.iter().find(|own| check.name == format!("{}.{}", own.group, own.name))?;
    (own.idle)(outside).map(str::to_owned)
}
