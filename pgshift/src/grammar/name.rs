//! Names as a statement has them.

use squawk_syntax::{SyntaxElement, SyntaxKind, SyntaxNode};
use std::fmt;

/// A name, folded as the server folds it, with the schema where one was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
}

impl Name {
    /// The name that a node of the syntax tree holds.
    pub(super) fn of(node: &SyntaxNode) -> Self {
        let mut parts = parts(node);
        let name = parts.pop().unwrap_or_default();
        Self { schema: parts.pop(), name }
    }
}

impl fmt::Display for Name {
    /// Quoted: fit for SQL.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(out, "{}.", common::name::ident(schema))?;
        }
        out.write_str(&common::name::ident(&self.name))
    }
}

/// The identifier that a node holds.
pub(super) fn identifier(node: &SyntaxNode) -> String {
    parts(node).pop().unwrap_or_default()
}

/// The parts of a dotted name; `ONLY`, `*` and parentheses around it are none.
fn parts(node: &SyntaxNode) -> Vec<String> {
    let tokens = node.descendants_with_tokens().filter_map(SyntaxElement::into_token);
    tokens
        .filter(|token| {
            let kind = token.kind();
            !kind.is_trivia()
                && !matches!(
                    kind,
                    SyntaxKind::DOT
                        | SyntaxKind::STAR
                        | SyntaxKind::L_PAREN
                        | SyntaxKind::R_PAREN
                        | SyntaxKind::ONLY_KW
                )
        })
        .map(|token| folded(token.text()))
        .collect()
}

/// An identifier as the server takes it.
pub(super) fn folded(text: &str) -> String {
    let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    quoted.map_or_else(|| text.to_ascii_lowercase(), |inner| inner.replace("\"\"", "\""))
}
