//! Whether the server lets us in.

use super::{Own, Sight};
use crate::run::Finding;
use common::error::Result;

pub(super) const CHECK: Own = Own {
    group: "availability",
    name: "connect",
    head: "-- How long it takes to connect; critical when the server cannot be reached.\n\
           -- unit: seconds\n\
           -- reads: the connection\n\
           -- message: connected in {value} to PostgreSQL {version} ({kind})",
    look,
    idle: |_| None,
};

#[expect(clippy::unnecessary_wraps, reason = "it is one of several looks, and others fail")]
fn look(sight: &mut Sight<'_>) -> Result<Vec<Finding>> {
    let facts = &sight.server.facts;
    let kind = if facts.standby { "standby" } else { "primary" };
    let found = Finding::default().with("value", &facts.connect_seconds).with("version", &facts.version);
    Ok(vec![found.with("kind", &kind)])
}
