//! A script cut into statements, each with its place and its comments.

use common::error::Result;
use common::sql::split::{Event, Splitter};

/// One statement of a script.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) text: String,
    /// Where it begins, in the file, from 1.
    pub(crate) line: u64,
    pub(crate) column: u64,
    /// What the comments before it say, and those in it, and the one behind it on its last line.
    pub(crate) comments: String,
}

/// Cuts a script; `first_line` is the line of the file that it begins on. Rows of COPY and commands of psql are left out.
pub(crate) fn cut(script: &[u8], first_line: u64) -> Result<Vec<Piece>> {
    let mut splitter = Splitter::new(script);
    let mut pieces: Vec<Piece> = Vec::new();
    loop {
        match splitter.event()? {
            Event::Statement(found) => {
                let lead = String::from_utf8_lossy(found.lead).into_owned();
                // What follows a statement on its own line is about that one.
                let (behind, before) = match lead.find('\n') {
                    Some(end) if !pieces.is_empty() => lead.split_at(end),
                    _ => ("", lead.as_str()),
                };
                follows(&mut pieces, behind);
                let text = String::from_utf8_lossy(found.text).into_owned();
                pieces.push(Piece {
                    comments: format!("{before}\n{text}\n"),
                    text,
                    line: found.line + first_line - 1,
                    column: column(script, found.offset),
                });
            }
            Event::End(lead) => {
                let lead = String::from_utf8_lossy(lead).into_owned();
                follows(&mut pieces, lead.lines().next().unwrap_or_default());
                return Ok(pieces);
            }
            Event::CopyData(_) | Event::CopyEnd | Event::Meta(_) => {}
        }
    }
}

fn follows(pieces: &mut [Piece], behind: &str) {
    if let Some(last) = pieces.last_mut() {
        last.comments.push_str(behind);
    }
}

/// The column of a byte, in characters, from 1.
fn column(script: &[u8], offset: u64) -> u64 {
    let start = usize::try_from(offset).unwrap_or(usize::MAX).min(script.len());
    let before = script.get(..start).unwrap_or_default();
    let line = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    String::from_utf8_lossy(before.get(line..).unwrap_or_default()).chars().count() as u64 + 1
}
