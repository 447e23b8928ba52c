//! What a statement says, read by squawk's parser into our own words.
//!
//! The only module that names squawk: its syntax tree changes with each release, and the rest shall not. It knows no
//! database. What it does not understand is [`Statement::Unread`], never a guess; nothing that is applied depends on it.

mod expression;
mod mode;
mod name;
mod read;
mod squawk;
mod statement;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use mode::Mode;
pub(crate) use name::Name;
pub(crate) use read::read;
pub(crate) use squawk::{remarks, rules};
pub(crate) use statement::{
    Action, Column, Constraint, ConstraintKind, Filling, NewIndex, NewTable, Reindexed, Statement,
};

use squawk_syntax::ast::AstNode;
use squawk_syntax::{SyntaxElement, SyntaxKind, SyntaxNode};

/// The first child that is an `N`.
fn child<N: AstNode>(node: &SyntaxNode) -> Option<N> {
    node.children().find_map(N::cast)
}

/// The children that are an `N`.
fn children<N: AstNode>(node: &SyntaxNode) -> impl Iterator<Item = N> {
    node.children().filter_map(N::cast)
}

/// Everything below that is an `N`.
fn below<N: AstNode>(node: &SyntaxNode) -> impl Iterator<Item = N> {
    node.descendants().filter_map(N::cast)
}

/// The name of the first child that is an `N`.
fn name_of<N: AstNode>(node: &SyntaxNode) -> Option<Name> {
    child::<N>(node).map(|found| Name::of(found.syntax()))
}

/// The names of the children that are an `N`.
fn names_of<N: AstNode>(node: &SyntaxNode) -> Vec<Name> {
    children::<N>(node).map(|found| Name::of(found.syntax())).collect()
}

/// The identifiers of everything below that is an `N`.
fn identifiers_below<N: AstNode>(node: &SyntaxNode) -> Vec<String> {
    below::<N>(node).map(|found| name::identifier(found.syntax())).collect()
}

/// The identifier of the first child that is an `N`.
fn identifier_of<N: AstNode>(node: &SyntaxNode) -> String {
    child::<N>(node).map(|found| name::identifier(found.syntax())).unwrap_or_default()
}

/// Whether this word is one of the node's own.
fn has(node: &SyntaxNode, word: SyntaxKind) -> bool {
    node.children_with_tokens().any(|element| element.kind() == word)
}

/// The text of a node, in one line, without comments.
fn text_of(node: &SyntaxNode) -> String {
    let mut text = String::new();
    for token in node.descendants_with_tokens().filter_map(SyntaxElement::into_token) {
        if token.kind().is_trivia() {
            if !text.is_empty() && !text.ends_with(' ') {
                text.push(' ');
            }
        } else {
            text.push_str(token.text());
        }
    }
    text.trim_end().to_owned()
}
