//! Comments that silence findings: ours, which give a reason, and those of squawk and eugene.
//!
//! `-- pgshift: ignore RULE[, RULE] because REASON` is about the statement that it stands before, in or behind;
//! `-- pgshift: ignore-file RULE because REASON` about the whole file.

use super::cut::Piece;
use super::{Choice, Finding, Severity};
use common::sql::comments::lines;

/// eugene's identifiers, and ours for the same.
const EUGENE: &[(&str, &[&str])] = &[
    ("E1", &["constraint-missing-not-valid", "adding-foreign-key-constraint"]),
    ("E2", &["adding-not-nullable-field"]),
    ("E4", &["statements-after-exclusive-lock"]),
    ("E5", &["changing-column-type"]),
    ("E6", &["require-concurrent-index-creation"]),
    ("E7", &["disallowed-unique-constraint", "adding-serial-primary-key-field"]),
    ("E8", &["exclusion-constraint"]),
    ("E10", &["table-rewrite", "changing-column-type"]),
    ("E11", &["adding-field-with-default"]),
    ("E15", &["foreign-key-without-index"]),
];

/// One comment's wish.
#[derive(Debug, PartialEq, Eq)]
struct Wish {
    rules: Vec<String>,
    file: bool,
    /// `None` where the comment is another tool's, and none is asked for.
    reason: Option<bool>,
}

/// Takes out what comments silence, and adds what is wrong with them.
pub(super) fn silence(pieces: &[Piece], findings: &mut Vec<Finding>, choice: &Choice) {
    let mut complaints = Vec::new();
    for piece in pieces {
        for wish in lines(piece.comments.as_bytes()).iter().filter_map(|line| wish(line)) {
            let named = |rule: &str| wish.rules.is_empty() || wish.rules.iter().any(|name| name == rule);
            if wish.reason == Some(false) && choice.wants("ignore-without-reason") {
                let why = format!("{} is silenced, and the comment does not say why", wish.rules.join(", "));
                let mut finding = Finding::new("ignore-without-reason", Severity::Warning, why);
                finding.advice = Some("-- pgshift: ignore RULE because REASON".to_owned());
                finding.stands_at(piece);
                complaints.push(finding);
            }
            findings.retain(|finding| {
                let here = wish.file || (finding.line, finding.column) == (piece.line, piece.column);
                !(here && named(&finding.rule))
            });
        }
    }
    findings.append(&mut complaints);
}

/// What a line of a comment wishes for.
fn wish(line: &str) -> Option<Wish> {
    if let Some(rest) = line.strip_prefix("pgshift:") {
        let rest = rest.trim();
        let (file, rest) = match rest.strip_prefix("ignore-file") {
            Some(rest) => (true, rest),
            None => (false, rest.strip_prefix("ignore")?),
        };
        let (rules, reason) = rest.split_once(" because ").unwrap_or((rest.trim_end_matches(" because"), ""));
        return Some(Wish { rules: names(rules), file, reason: Some(!reason.trim().is_empty()) });
    }
    if let Some(rest) = line.strip_prefix("eugene: ignore") {
        let ids = names(rest.trim().trim_matches(['[', ']']));
        let known = EUGENE.iter().filter(|(id, _)| ids.iter().any(|wanted| wanted == id));
        let rules: Vec<String> =
            known.flat_map(|(_, rules)| rules.iter().map(|rule| (*rule).to_owned())).collect();
        // An identifier for which we have nothing silences nothing.
        return (!rules.is_empty()).then_some(Wish { rules, file: false, reason: None });
    }
    let (file, rest) = match line.strip_prefix("squawk-ignore-file") {
        Some(rest) => (true, rest),
        None => (false, line.strip_prefix("squawk-ignore")?),
    };
    Some(Wish { rules: names(rest), file, reason: None })
}

fn names(list: &str) -> Vec<String> {
    let words = list.split([',', ' ']).map(str::trim);
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
