//! What a recorded run holds beside the checks: sizes, dead rows, times of statements.

use super::server::Server;
use crate::records::{Measure, Number};
use common::error::Result;

/// Measures the database of `server`. What may not be seen is left out: `diff` compares what both runs have.
pub(super) fn measures(server: &mut Server) -> Result<Vec<Measure>> {
    let sizes = server.ask(include_str!("../../measures/table_bytes.sql")).or_else(|error| {
        let locked = error.code() == "lock_not_available" || error.code() == "query_canceled";
        if locked { server.ask(include_str!("../../measures/table_bytes_known.sql")) } else { Err(error) }
    })?;
    let dead = server.ask(include_str!("../../measures/dead_rows.sql"))?;
    let statements = if server.facts.extensions.contains_key("pg_stat_statements")
        && server.facts.has("pg_read_all_stats")
    {
        let newer = server.facts.major >= 13;
        server.ask(if newer {
            include_str!("../../measures/statements_13.sql")
        } else {
            include_str!("../../measures/statements_12.sql")
        })?
    } else {
        Vec::new()
    };
    let database = &server.facts.database;
    let named = [("table_bytes", sizes), ("dead_rows", dead), ("statement", statements)];
    Ok(named
        .into_iter()
        .flat_map(|(name, findings)| findings.into_iter().map(move |finding| (name, finding)))
        .filter_map(|(name, finding)| {
            let object = finding.field("object")?.to_owned();
            let number = |field: &str| finding.field(field)?.parse().ok();
            Some(Measure {
                measure: name.to_owned(),
                key: format!("{name}/{database}/{object}"),
                value: Number(finding.value()?),
                calls: number("calls"),
                pages: number("pages"),
                database: database.clone(),
                object,
            })
        })
        .collect())
}
