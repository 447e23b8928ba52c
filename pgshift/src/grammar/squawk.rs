//! squawk's own rules, for what ours do not say.

use squawk_linter::{Linter, Rule};
use squawk_syntax::SourceFile;
use std::collections::BTreeSet;

/// What one of squawk's rules says of a place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    pub(crate) rule: String,
    /// The first byte that it is about.
    pub(crate) at: usize,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// The rules of squawk that ours do not replace, and whether each is on unless it is switched off: those are that find what
/// fails, whatever the sizes are.
const OFFERED: &[(&str, bool)] = &[
    ("ban-add-column", false),
    ("ban-add-composite-attribute", false),
    ("ban-add-enum-value", false),
    ("ban-alter-domain-with-add-constraint", false),
    ("ban-alter-extension", false),
    ("ban-alter-generated-expression", false),
    ("ban-alter-identity", false),
    ("ban-alter-row-level-security", false),
    ("ban-alter-sequence-values", false),
    ("ban-char-field", false),
    ("ban-create-domain-with-constraint", false),
    ("ban-create-policy", false),
    ("ban-disable-trigger", false),
    ("ban-drop-constraint", false),
    ("ban-drop-database", true),
    ("ban-drop-default", false),
    ("ban-drop-domain", false),
    ("ban-drop-extension", false),
    ("ban-drop-function", false),
    ("ban-drop-generated-expression", false),
    ("ban-drop-index", false),
    ("ban-drop-not-null", false),
    ("ban-drop-policy", false),
    ("ban-drop-schema", false),
    ("ban-drop-sequence", false),
    ("ban-drop-trigger", false),
    ("ban-drop-type", false),
    ("ban-drop-view", false),
    ("ban-duplicate-column-assignments", true),
    ("ban-replica-identity", false),
    ("ban-revoke", false),
    ("ban-set-default", false),
    ("ban-set-schema", false),
    ("ban-uncommitted-transaction", false),
    ("identifier-too-long", true),
    ("prefer-bigint-over-int", false),
    ("prefer-bigint-over-smallint", false),
    ("prefer-identity", false),
    ("prefer-robust-stmts", false),
    ("prefer-text-field", false),
    ("prefer-timestamp-tz", false),
    ("renaming-object", false),
    ("require-enum-value-ordering", false),
    ("require-lock-timeout", false),
    ("require-statement-timeout", false),
    ("require-table-schema", false),
    ("transaction-nesting", false),
];

/// Their names, and whether each is on unless it is switched off.
pub(crate) fn rules() -> &'static [(&'static str, bool)] {
    OFFERED
}

/// What the rules of these names say of `text`; squawk's comments that silence them are heard by squawk itself.
pub(crate) fn remarks(text: &str, names: &BTreeSet<String>, in_transaction: bool) -> Vec<Remark> {
    let offered = OFFERED.iter().filter(|(name, _)| names.contains(*name));
    let wanted: Vec<Rule> = offered.filter_map(|(name, _)| Rule::try_from(*name).ok()).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut linter = Linter::with_default_rules();
    linter.rules = wanted.into_iter().collect();
    linter.settings.assume_in_transaction = in_transaction;
    let parse = SourceFile::parse(text);
    let found = linter.lint(&parse, text);
    found
        .into_iter()
        .map(|violation| Remark {
            rule: violation.code.to_string(),
            at: usize::from(violation.text_range.start()),
            message: violation.message,
            help: violation.help,
        })
        .collect()
}
