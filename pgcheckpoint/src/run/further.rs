//! Rows that are questions: what has to be asked of single tables is asked of many at once, and one by one where that
//! fails, so that a table that somebody has locked hides no other.

use super::Finding;
use super::server::Server;
use crate::cli::Limits;
use common::cli::human;
use common::error::{Class, Error, Result};
use std::time::{Duration, Instant};

/// How many tables are asked by one statement: it holds a lock on each.
const AT_ONCE: usize = 50;
/// After so many tables that did not answer, no more are asked: each costs a wait.
const PATIENCE: usize = 3;

/// The findings among `rows`, and what the further questions in them bring.
pub(super) fn findings(server: &mut Server, rows: Vec<Finding>, limits: &Limits) -> Result<Vec<Finding>> {
    let begun = Instant::now();
    let most = Duration::try_from_secs_f64(limits.statement_timeout).unwrap_or(Duration::MAX);
    let (mut found, mut asking) = (Vec::new(), Vec::new());
    for mut row in rows {
        match row.take("ask") {
            Some(question) => asking.push((row, question)),
            None => found.push(row),
        }
    }
    let (mut refused, mut left) = (0, 0);
    for batch in asking.chunks(AT_ONCE) {
        if refused == PATIENCE || begun.elapsed() > most {
            left += batch.len();
            continue;
        }
        match ask(server, batch) {
            Ok(answers) => found.extend(answers),
            Err(error) if is_fatal(&error) => return Err(error),
            Err(error) if batch.len() == 1 => {
                refused += 1;
                found.extend(batch.first().map(|(row, _)| refusal(row, &error, limits)));
            }
            Err(_) => {
                for one in batch {
                    if refused == PATIENCE || begun.elapsed() > most {
                        left += 1;
                        continue;
                    }
                    match ask(server, std::slice::from_ref(one)) {
                        Ok(answers) => found.extend(answers),
                        Err(error) if is_fatal(&error) => return Err(error),
                        Err(error) => {
                            refused += 1;
                            found.push(refusal(&one.0, &error, limits));
                        }
                    }
                }
            }
        }
    }
    if left > 0 {
        let (tables, time) = (human::plural(left as u64, "table"), human::seconds(limits.statement_timeout));
        let message = format!("not told: {tables} that gave no answer in {time}, or behind locks");
        let hint = "a longer --statement-timeout, or later";
        found.push(Finding::default().with("status", "unknown").with("message", &message).with("hint", hint));
    }
    Ok(found)
}

/// Whether nothing can be asked any more.
fn is_fatal(error: &Error) -> bool {
    error.class() != Class::Failed || error.code() == "deadline"
}

/// Asks the questions of `batch` by one statement.
fn ask(server: &mut Server, batch: &[(Finding, String)]) -> Result<Vec<Finding>> {
    let parts: Vec<String> = batch
        .iter()
        .enumerate()
        .map(|(number, (_, question))| format!("SELECT {number} AS asked, q.* FROM ({question}) AS q"))
        .collect();
    let answers = server.ask(&parts.join("\nUNION ALL "))?;
    let of = |mut answer: Finding| {
        let number: usize = answer.take("asked")?.parse().ok()?;
        Some(answer.and(batch.get(number)?.0.clone()))
    };
    Ok(answers.into_iter().filter_map(of).collect())
}

fn refusal(row: &Finding, error: &Error, limits: &Limits) -> Finding {
    let why = match error.code() {
        "lock_not_available" => "somebody holds a lock on it".to_owned(),
        "query_canceled" => format!("it took longer than {}", human::seconds(limits.statement_timeout)),
        _ => error.to_string(),
    };
    let message = format!("not told: {{table}}: {why}");
    let hint = "`pgcheckpoint run locks` tells who holds locks";
    row.clone().with("status", "unknown").with("message", &message).with("hint", hint)
}
