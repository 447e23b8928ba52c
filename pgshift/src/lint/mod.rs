//! Findings: statements that stop others for long, fail, or break what runs, judged by what is known of the database.
//!
//! A table that is known to be small does not alarm, and where sizes are not known less is said, as `assumed`. Nothing is run.
//! What could not be judged is counted, never taken for good.

mod cut;
mod django;
mod finding;
mod ignore;
mod judge;
mod recipe;
mod rules;
mod story;
#[cfg(test)]
mod tests;

pub(crate) use django::{Judged, Place, Remark, Told};
pub(crate) use finding::{Finding, Severity};
pub(crate) use rules::{Choice, catalogue};

use crate::effects;
use crate::facts::{Facts, Size};
use crate::grammar::{Statement, read, remarks};
use crate::source::{Script, Transaction};
use common::error::Result;
use cut::Piece;
use judge::Context;
use story::Story;

/// Tables of at most so many rows and bytes do not alarm unless somebody says otherwise.
pub(crate) const SMALL: (u64, u64) = (10_000, 10_000_000);

/// What judges files, one after another, in their order.
pub(crate) struct Linter {
    facts: Facts,
    choice: Choice,
    small: Size,
}

/// What was found in one file.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) findings: Vec<Finding>,
    /// Statements of which not everything could be told.
    pub(crate) unjudged: u64,
}

impl Linter {
    /// Judges by `facts`, with the rules that were chosen; tables up to `small` do not alarm.
    pub(crate) fn new(facts: Facts, choice: Choice, small: Size) -> Self {
        Self { facts, choice, small }
    }

    /// Judges one script, and keeps in mind what it changes.
    pub(crate) fn judge(&mut self, script: &Script) -> Result<Verdict> {
        let pieces = cut::cut(&shown(script), script.first_line)?;
        let read: Vec<(&Piece, Statement)> = pieces.iter().map(|piece| (piece, read(&piece.text))).collect();
        let alone = read.iter().any(|(_, statement)| effects::of(statement, &self.facts).alone.is_some());
        let whole = script.transaction == Transaction::Unsaid && !alone;
        let mut verdict = self.statements(&read, whole, |_, _| {});
        self.others(pieces.iter(), whole, &mut verdict);
        ignore::silence(&pieces, &mut verdict.findings, &self.choice);
        verdict.findings.sort_by_key(|finding| (finding.line, finding.column));
        self.facts.end_of_file();
        Ok(verdict)
    }

    /// What our rules say of each statement, in order; `amend` sees each finding with the number of its statement.
    fn statements(
        &mut self,
        read: &[(&Piece, Statement)],
        whole: bool,
        amend: impl Fn(usize, &mut Finding),
    ) -> Verdict {
        let mut story = Story::new(whole);
        let mut verdict = Verdict::default();
        for (at, (piece, statement)) in read.iter().enumerate() {
            let effects = effects::of(statement, &self.facts);
            verdict.unjudged += u64::from(effects.unknown.is_some());
            let context = Context {
                facts: &self.facts,
                statement,
                effects: &effects,
                small: self.small,
                text: &piece.text,
                story: &story,
                later: read.get(at + 1..).unwrap_or_default(),
            };
            let mut found = rules::all(&context);
            found.retain(|finding| self.choice.wants(&finding.rule));
            for finding in &mut found {
                finding.stands_at(piece);
                amend(at, finding);
            }
            verdict.findings.append(&mut found);
            story.add(statement, &effects, &self.facts);
            self.facts.change(statement);
        }
        verdict
    }

    /// What squawk's own rules say.
    fn others<'a>(
        &self,
        pieces: impl Iterator<Item = &'a Piece>,
        in_transaction: bool,
        verdict: &mut Verdict,
    ) {
        for piece in pieces {
            for remark in remarks(&piece.text, self.choice.names(), in_transaction) {
                let severity =
                    if remark.rule.starts_with("ban-d") { Severity::Error } else { Severity::Warning };
                let mut finding = Finding::new(&remark.rule, severity, remark.message);
                finding.advice = remark.help;
                finding.stands_at(piece);
                verdict.findings.push(finding);
            }
        }
    }
}

/// The text without what may be secret: it stands in statements that are shown.
fn shown(script: &Script) -> Vec<u8> {
    let mut text = crate::backfill::plain(&script.text);
    for secret in &script.secret {
        if let Some(bytes) = text.get_mut(secret.clone()) {
            bytes.fill(b'x');
        }
    }
    text
}
