//! SQL text as it lies in files: tokens, statements, the rows that follow a COPY. Knows no server and no meaning.
//!
//! Bytes, not characters: a script may be in any encoding that a client may use.

pub mod comments;
mod encoding;
pub mod lexer;
mod shape;
pub mod split;

pub use encoding::Encoding;

#[cfg(test)]
mod tests;
