//! Rows that are questions: what has to be asked of single tables is asked one by one, so that a table that somebody has
//! locked hides no other.

use super::Finding;
use super::server::Server;
use crate::cli::Limits;
use common::cli::human;
use common::error::{Class, Result};
use std::time::{Duration, Instant};

/// After so many tables that did not answer, no more are asked: each costs a wait.
const PATIENCE: usize = 3;

/// The findings among `rows`, and what the further questions in them bring.
pub(super) fn findings(server: &mut Server, rows: Vec<Finding>, limits: &Limits) -> Result<Vec<Finding>> {
    let begun = Instant::now();
    let most = Duration::try_from_secs_f64(limits.statement_timeout).unwrap_or(Duration::MAX);
    let mut found = Vec::new();
    let (mut refused, mut left) = (0, 0_u64);
    for mut row in rows {
        let Some(question) = row.take("ask") else {
            found.push(row);
            continue;
        };
        if refused == PATIENCE || begun.elapsed() > most {
            left += 1;
            continue;
        }
        match server.ask(&question) {
            Ok(answers) => found.extend(answers.into_iter().map(|answer| answer.and(row.clone()))),
            Err(error) if error.class() == Class::Failed && error.code() != "deadline" => {
                refused += 1;
                let why = match error.code() {
                    "lock_not_available" => "somebody holds a lock on it".to_owned(),
                    "query_canceled" => {
                        format!("it took longer than {}", human::seconds(limits.statement_timeout))
                    }
                    _ => error.to_string(),
                };
                let message = format!("not told: {{table}}: {why}");
                let hint = "`pgcheckpoint run locks` tells who holds locks";
                found.push(row.with("status", "unknown").with("message", &message).with("hint", hint));
            }
            Err(error) => return Err(error),
        }
    }
    if left > 0 {
        let message = format!("not told: {} that were not asked any more", human::plural(left, "table"));
        let hint = "a longer --statement-timeout, or later";
        found.push(Finding::default().with("status", "unknown").with("message", &message).with("hint", hint));
    }
    Ok(found)
}
