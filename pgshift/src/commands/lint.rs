//! `pgshift lint`: migrations judged before they run.

use super::{sight, stats};
use crate::cli::Lint;
use crate::facts::{self, Facts, Size};
use crate::lint::{Choice, Finding, Linter, Severity, Verdict, catalogue};
use crate::records::{FindingRecord, RuleRecord, ShiftResult, sarif};
use crate::source::{Script, Transaction};
use crate::state::State;
use common::cli::flags::Connection;
use common::cli::{Session, signals};
use common::error::{Class, Context as _, Error, Result};
use common::records::Format;
use common::records::human::plural;
use std::io::Write as _;
use std::path::{Path, PathBuf};

pub(crate) fn run(session: &Session<ShiftResult>, args: &Lint) -> Result<()> {
    if args.rules {
        session.emit_all(&rules());
        return Ok(());
    }
    let choice = Choice::new(&args.more, &args.fewer)?;
    let small = Size { rows: Some(args.small_rows), bytes: Some(args.small_bytes) };
    let mut report = Report::default();
    if is_django(args) {
        super::django::lint(session, args, (choice, small), &mut report)?;
    } else {
        files(session, args, (choice, small), &mut report)?;
    }
    report.end(session, args)
}

/// Whether migrations of a Django project are meant; files that are none are judged as SQL.
fn is_django(args: &Lint) -> bool {
    let python = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "py");
    args.django.is_meant(&args.place.migrations) && args.files.iter().all(python)
}

/// Judges files of SQL.
fn files(
    session: &Session<ShiftResult>,
    args: &Lint,
    (choice, small): (Choice, Size),
    report: &mut Report,
) -> Result<()> {
    let scripts = scripts(session, args)?;
    let facts = facts(session, args)?;
    session.result().database.clone_from(&facts.database);
    let mut linter = Linter::new(facts, choice, small);
    for script in &scripts {
        go_on()?;
        let verdict = linter.judge(script).context(|| format!("cannot read {}", script.path.display()))?;
        report.add(session, &script.path, verdict);
    }
    Ok(())
}

pub(super) fn go_on() -> Result<()> {
    if signals::stop_requested() {
        return Err(Error::new(Class::Interrupted, "interrupted", "stopped while it judged files"));
    }
    Ok(())
}

/// What was found, file after file.
#[derive(Default)]
pub(super) struct Report {
    records: Vec<FindingRecord>,
    worst: Option<Severity>,
    unjudged: u64,
    files: u64,
}

impl Report {
    /// Tells what was found in a file.
    pub(super) fn add(&mut self, session: &Session<ShiftResult>, path: &Path, verdict: Verdict) {
        self.files += 1;
        self.unjudged += verdict.unjudged;
        self.worst = verdict.findings.iter().map(|finding| finding.severity).chain(self.worst).max();
        let found = records_of(path, verdict);
        session.emit_all(&found);
        self.records.extend(found);
    }

    fn end(self, session: &Session<ShiftResult>, args: &Lint) -> Result<()> {
        show(session, &self.records)?;
        {
            let mut result = session.result();
            result.findings = Some(self.records.len() as u64);
            result.files = Some(self.files);
            result.unjudged = Some(self.unjudged);
        }
        match self.worst {
            Some(worst) if worst >= args.fail_on => {
                let count = self.records.iter().filter(|finding| is_as_bad(finding, args)).count();
                Err(Error::new(
                    Class::No,
                    "findings",
                    format!(
                        "{} of severity {} or worse",
                        plural(count as u64, "finding"),
                        args.fail_on.word()
                    ),
                ))
            }
            _ => Ok(()),
        }
    }
}

fn is_as_bad(finding: &FindingRecord, args: &Lint) -> bool {
    use Severity::{Error, Note, Warning};
    let all = [Note, Warning, Error].into_iter();
    all.filter(|severity| *severity >= args.fail_on).any(|severity| severity.word() == finding.severity)
}

/// What is known of the database, if one was named.
fn facts(session: &Session<ShiftResult>, args: &Lint) -> Result<Facts> {
    if let Some(path) = &args.stats {
        return facts::load(path);
    }
    if !is_live(args) {
        return Ok(Facts::default());
    }
    Ok(facts::collect(&mut stats::open(session, &args.place.connection)?)?.into())
}

/// Whether a database was named on the command line: the environment alone is no wish for one.
fn is_live(args: &Lint) -> bool {
    args.place.connection != Connection::default()
}

/// The scripts that are judged, in the order in which they run: with a database, those that it does not have yet.
fn scripts(session: &Session<ShiftResult>, args: &Lint) -> Result<Vec<Script>> {
    if !args.files.is_empty() {
        return args.files.iter().map(|path| script(path)).collect();
    }
    let migrations = sight::migrations(session, &args.place)?;
    if !is_live(args) || args.all {
        return Ok(migrations.into_iter().map(|migration| migration.up).collect());
    }
    let history = sight::history(session, &args.place)?;
    let state = State::of(&migrations, &history)?;
    let due = state.entries.iter().filter(|entry| entry.is_due());
    Ok(due.map(|entry| entry.migration.up.clone()).collect())
}

/// A file that is no migration of a directory.
fn script(path: &Path) -> Result<Script> {
    let text = std::fs::read(path).context(|| format!("cannot read {}", path.display()))?;
    Ok(Script {
        path: path.to_owned(),
        text,
        first_line: 1,
        transaction: Transaction::Unsaid,
        single: Vec::new(),
        secret: Vec::new(),
        written: None,
    })
}

/// What was found in a file.
pub(super) fn records_of(path: &Path, verdict: Verdict) -> Vec<FindingRecord> {
    verdict.findings.into_iter().map(|finding| record(path, finding)).collect()
}

fn record(path: &Path, finding: Finding) -> FindingRecord {
    FindingRecord {
        rule: finding.rule,
        severity: finding.severity.word().to_owned(),
        file: path.display().to_string(),
        line: finding.line,
        column: finding.column,
        statement: finding.statement,
        object: finding.object,
        lock: finding.lock.map(|mode| mode.to_string()),
        rows: finding.size.rows,
        bytes: finding.size.bytes,
        writes_per_second: finding.writes_per_second,
        certainty: if finding.exact { "exact" } else { "assumed" }.to_owned(),
        why: finding.why,
        advice: finding.advice,
        recipe: finding.recipe,
    }
}

fn rules() -> Vec<RuleRecord> {
    let all = catalogue().into_iter();
    all.map(|rule| RuleRecord { rule: rule.name.to_owned(), on: rule.usual, about: rule.about.to_owned() })
        .collect()
}

/// The findings in the format of somebody who shows them beside the files.
fn show(session: &Session<ShiftResult>, findings: &[FindingRecord]) -> Result<()> {
    let text = match session.format() {
        Format::Sarif => sarif::document(findings)?,
        Format::Github => findings.iter().map(sarif::annotation).collect(),
        _ => return Ok(()),
    };
    session.data().write_all(text.as_bytes()).context(|| "cannot write to stdout".to_owned())
}
