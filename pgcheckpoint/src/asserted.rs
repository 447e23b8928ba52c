//! Assertions as checks: what must hold of the data, said in SQL, and judged by the comment before it.
//!
//! A statement gives a row for each violation, or one boolean; with `warn_if` or `crit_if` in its comment it gives one
//! number instead, which the condition judges. It can write nothing.

use crate::catalogue::Unit;
use crate::records::{CheckRecord, Number, State, Violation};
use common::assertions::{Assertion, Verdict};
use common::cli::human;
use common::error::{Error, Result};
use common::pg::session::Session;
use common::pg::text;
use std::collections::BTreeMap;

/// A condition such as `> 10`.
#[derive(Clone, Debug)]
struct Condition {
    operator: &'static str,
    bound: f64,
}

/// The operators, longer ones before their beginnings.
const OPERATORS: [&str; 6] = [">=", "<=", "<>", "=", ">", "<"];

/// An assertion with what its comment says of it.
#[derive(Clone, Debug)]
pub(crate) struct Asserted {
    assertion: Assertion,
    /// What a violation means.
    severity: State,
    warn_if: Option<Condition>,
    crit_if: Option<Condition>,
}

impl Asserted {
    /// Reads the comment.
    pub(crate) fn read(assertion: Assertion) -> Result<Self> {
        let said = |key: &str| {
            assertion.comments.iter().find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix(':'))
        };
        let place = format!("{}, line {}", assertion.file.display(), assertion.line);
        let condition = |key: &str| said(key).map(|text| Condition::parse(text, &place)).transpose();
        let (warn_if, crit_if) = (condition("warn_if")?, condition("crit_if")?);
        let severity = match said("severity").map(str::trim) {
            None | Some("crit") => State::Crit,
            Some("warn") => State::Warn,
            Some("info") => State::Info,
            Some(other) => {
                return Err(
                    Error::usage(format!("{place}: {other:?} is no severity")).hint("info, warn or crit")
                );
            }
        };
        Ok(Self { assertion, severity, warn_if, crit_if })
    }

    /// Runs it, and tells what came of it; up to `sample` rows go with it when it does not hold.
    pub(crate) fn run(
        &self,
        session: &mut Session,
        place: &Place,
        sample: u32,
    ) -> Result<(CheckRecord, Vec<Violation>)> {
        let mut record = self.record(place);
        if self.warn_if.is_some() || self.crit_if.is_some() {
            self.measure(session, &mut record)?;
            return Ok((record, Vec::new()));
        }
        let name = &self.assertion.name;
        let mut rows = Vec::new();
        match self.assertion.run(session)? {
            Verdict::Passed => {
                record.value = Some(Number(0.0));
                record.message = format!("holds: {name}");
            }
            Verdict::Failed { violations } => {
                record.status = self.severity;
                let found = violations
                    .map_or_else(|| "it is false".to_owned(), |count| human::plural(count, "violation"));
                record.value = Some(violations.map_or(Number(1.0), Number::of));
                record.message = format!("does not hold: {name} ({found})");
                if sample > 0 && violations.is_some() {
                    rows = self.sample(session, &record, sample)?;
                }
            }
            Verdict::Error(error) => {
                record.status = State::Unknown;
                record.message = format!("not told: {name}: {error}").replace('\n', " ");
                record.hint = error.advice().map(str::to_owned);
            }
        }
        Ok((record, rows))
    }

    fn record(&self, place: &Place) -> CheckRecord {
        let file = self.assertion.file.file_stem().unwrap_or_default().to_string_lossy();
        let check = format!("assert.{file}");
        let bound =
            |condition: &Option<Condition>| condition.as_ref().map(|condition| Number(condition.bound));
        CheckRecord {
            key: format!("{check}/{}/{}", place.database, self.assertion.name),
            group: "assert".to_owned(),
            unit: Unit::Count.name().to_owned(),
            warn: bound(&self.warn_if),
            crit: bound(&self.crit_if),
            object: Some(self.assertion.name.clone()),
            server: place.server.clone(),
            database: Some(place.database.clone()),
            check,
            ..CheckRecord::default()
        }
    }

    /// The one number of its one row, and what the conditions say of it.
    fn measure(&self, session: &mut Session, record: &mut CheckRecord) -> Result<()> {
        let name = &self.assertion.name;
        let mut values = Vec::new();
        let done = transaction(session, |session| {
            session.each(&text::decode(&self.assertion.sql), |names, row| {
                values.push((names.len(), row.owned(0)));
                Ok(())
            })
        })?;
        let value = match values.as_slice() {
            [(1, Some(value))] => value.parse::<f64>().ok().filter(|value| value.is_finite()),
            _ => None,
        };
        match (done, value) {
            (Err(error), _) => {
                record.status = State::Unknown;
                record.message = format!("not told: {name}: {error}").replace('\n', " ");
                record.hint = error.advice().map(str::to_owned);
            }
            (Ok(()), None) => {
                record.status = State::Unknown;
                record.message = format!("not told: {name}: it gave no single number");
            }
            (Ok(()), Some(value)) => {
                let is = |condition: &Option<Condition>| {
                    condition.as_ref().is_some_and(|condition| condition.holds(value))
                };
                record.status = match () {
                    () if is(&self.crit_if) => State::Crit,
                    () if is(&self.warn_if) => State::Warn,
                    () => State::Ok,
                };
                record.value = Some(Number(value));
                record.message = format!("{name}: {}", Number(value).text());
            }
        }
        Ok(())
    }

    /// The first rows of it. A statement that no cursor takes gives none.
    fn sample(&self, session: &mut Session, record: &CheckRecord, most: u32) -> Result<Vec<Violation>> {
        let sql = text::decode(&self.assertion.sql);
        let sql = sql.trim_end().trim_end_matches(';');
        let mut rows = Vec::new();
        let done = transaction(session, |session| {
            session.execute(&format!("DECLARE violations NO SCROLL CURSOR FOR {sql}"))?;
            session.each(&format!("FETCH {most} FROM violations"), |names, row| {
                let fields = names.iter().enumerate().map(|(at, name)| (name.clone(), row.owned(at)));
                let row: BTreeMap<String, Option<String>> = fields.collect();
                rows.push(Violation { check: record.check.clone(), key: record.key.clone(), row });
                Ok(())
            })
        })?;
        Ok(if done.is_ok() { rows } else { Vec::new() })
    }
}

/// Where assertions are run.
pub(crate) struct Place {
    pub(crate) server: String,
    pub(crate) database: String,
}

/// Does `work` in a transaction that can write nothing. Fails itself only when nothing can be run any more.
fn transaction(session: &mut Session, work: impl FnOnce(&mut Session) -> Result<()>) -> Result<Result<()>> {
    session.execute("BEGIN READ ONLY")?;
    let done = work(session);
    if let Err(error) = &done
        && error.class() != common::error::Class::Failed
    {
        return Err(error.clone());
    }
    session.execute("ROLLBACK")?;
    Ok(done)
}

impl Condition {
    fn parse(text: &str, place: &str) -> Result<Self> {
        let text = text.trim();
        let parsed = OPERATORS.iter().find_map(|operator| {
            let bound = text.strip_prefix(operator)?.trim().parse().ok()?;
            Some(Self { operator, bound })
        });
        parsed.ok_or_else(|| {
            Error::usage(format!("{place}: {text:?} is no condition"))
                .hint("an operator and a number, such as > 10")
        })
    }

    fn holds(&self, value: f64) -> bool {
        match self.operator {
            ">=" => value >= self.bound,
            "<=" => value <= self.bound,
            ">" => value > self.bound,
            "<" => value < self.bound,
            "=" => value.total_cmp(&self.bound).is_eq(),
            _ => value.total_cmp(&self.bound).is_ne(),
        }
    }
}
