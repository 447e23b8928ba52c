//! A script cut into statements, the rows that follow COPY, and psql's own commands, while it is read.
//!
//! What psql sends as one statement is one here. Nothing is run and nothing replaced: psql's variables stay as they are.
//! A script that ends inside of a quote, a comment or the rows of a COPY is an error, never a shorter script.
//! Memory holds one statement; rows pass through.

use super::lexer::{self, Dialect, Kind, Scan};
use super::shape::Shape;
use crate::error::{Error, Result};
use std::io::{BufRead, ErrorKind};

/// How much is read at once, at least.
const CHUNK: usize = 64 << 10;

/// What comes next in a script. Its bytes stay until the next is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A statement.
    Statement(Statement<'a>),
    /// Rows of the COPY before: any number of bytes of them.
    CopyData(&'a [u8]),
    /// The rows are complete.
    CopyEnd,
    /// A command of psql's.
    Meta(Meta<'a>),
    /// The end, and what stands before it without being a statement.
    End(&'a [u8]),
}

/// One statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement<'a> {
    /// From its first word, without the semicolon.
    pub text: &'a [u8],
    /// What stands before it: space and comments, see [`super::comments`].
    pub lead: &'a [u8],
    /// The line it begins on, from 1.
    pub line: u64,
    /// The byte it begins at.
    pub offset: u64,
    /// Rows follow.
    pub copies_in: bool,
    /// A semicolon ended it, not the end of the script.
    pub ended: bool,
}

/// A command of psql's, which only psql can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta<'a> {
    /// From its backslash to the end of the line.
    pub text: &'a [u8],
    /// What stands before it; when it is inside of a statement, the statement so far.
    pub lead: &'a [u8],
    /// Its line, from 1.
    pub line: u64,
    /// The byte it begins at.
    pub offset: u64,
    /// It stands inside of a statement.
    pub inside: bool,
}

/// Cuts a script.
pub struct Splitter<R> {
    input: R,
    window: Vec<u8>,
    /// Where in the window is what was not given out yet.
    start: usize,
    /// How much of that was lent with the last event.
    lent: usize,
    whole: bool,
    offset: u64,
    line: u64,
    dialect: Dialect,
    rows: Rows,
}

/// Whether rows are being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rows {
    No,
    /// At the beginning of a line.
    Line,
    /// Inside of one.
    Inside,
}

/// Where a statement lies, in lengths.
#[derive(Clone, Copy)]
struct Span {
    lead: usize,
    text: usize,
    /// From its first word to behind its semicolon.
    whole: usize,
    ended: bool,
    copies_in: bool,
}

/// What was found at the start of the window, as lengths.
enum Found {
    Statement(Span),
    Semicolon { lead: usize },
    Meta { lead: usize, text: usize, inside: bool },
    End,
}

impl<R: BufRead> Splitter<R> {
    /// Cuts `input`, from its beginning.
    pub fn new(input: R) -> Self {
        Self {
            input,
            window: Vec::new(),
            start: 0,
            lent: 0,
            whole: false,
            offset: 0,
            line: 1,
            dialect: Dialect::default(),
            rows: Rows::No,
        }
    }

    /// How what follows is meant: a statement may have changed it.
    pub fn set_dialect(&mut self, dialect: Dialect) {
        self.dialect = dialect;
    }

    /// How what follows is meant.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The line that is reached, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The bytes that are done with.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// How much memory the script takes just now.
    pub fn memory(&self) -> usize {
        self.window.capacity()
    }

    /// What comes next.
    pub fn event(&mut self) -> Result<Event<'_>> {
        self.consume(self.lent);
        if self.rows != Rows::No {
            return self.copy_data();
        }
        if self.offset == 0 {
            self.skip_mark()?;
        }
        loop {
            match self.find()? {
                // By itself it is no statement.
                Found::Semicolon { lead } => self.consume(lead + 1),
                Found::Statement(span) => return self.statement(span),
                Found::Meta { lead, text, inside } => {
                    self.lent = lead + text;
                    let (line, offset) = self.place(lead);
                    let (lead, text) = self.parts(lead, text);
                    return Ok(Event::Meta(Meta { text, lead, line, offset, inside }));
                }
                Found::End => {
                    self.lent = self.rest().len();
                    return Ok(Event::End(self.rest()));
                }
            }
        }
    }

    /// Tells what the next tokens make together.
    fn find(&mut self) -> Result<Found> {
        let mut shape = Shape::default();
        let mut begins = None;
        let mut ends = 0;
        let mut at = 0;
        loop {
            let rest = self.rest().get(at..).unwrap_or_default();
            let (kind, length) = match lexer::scan(rest, self.whole, self.dialect) {
                Scan::Token(kind, length) => (kind, length.min(rest.len())),
                // As much again as is there already: a long token is not looked through again and again.
                Scan::More => {
                    self.fill(rest.len())?;
                    continue;
                }
                Scan::Open(what) => return Err(self.truncated(what, at)),
                Scan::End => {
                    return Ok(begins.map_or(Found::End, |lead| {
                        let (text, copies_in) = (ends - lead, shape.copies_in());
                        Found::Statement(Span { lead, text, whole: text, ended: false, copies_in })
                    }));
                }
            };
            match kind {
                Kind::Space | Kind::Comment => {}
                Kind::Backslash => {
                    let text = self.line_from(at)?;
                    return Ok(Found::Meta { lead: at, text, inside: begins.is_some() });
                }
                Kind::Semicolon if shape.is_outermost() => {
                    let Some(lead) = begins else { return Ok(Found::Semicolon { lead: at }) };
                    let (text, whole) = (ends - lead, at + 1 - lead);
                    let copies_in = shape.copies_in();
                    return Ok(Found::Statement(Span { lead, text, whole, ended: true, copies_in }));
                }
                _ => {
                    shape.take(kind, rest.get(..length).unwrap_or_default());
                    begins.get_or_insert(at);
                    ends = at + length;
                }
            }
            at += length;
        }
    }

    fn statement(&mut self, span: Span) -> Result<Event<'_>> {
        let Span { lead, text, whole, ended, copies_in } = span;
        self.lent = lead + whole;
        if copies_in {
            self.rows_begin(lead)?;
        }
        let (line, offset) = self.place(lead);
        let (lead, text) = self.parts(lead, text);
        Ok(Event::Statement(Statement { text, lead, line, offset, copies_in, ended }))
    }

    /// The rows begin on the line behind the COPY.
    fn rows_begin(&mut self, statement: usize) -> Result<()> {
        let line = self.line_from(self.lent)?;
        let rest = self.rest().get(self.lent..self.lent + line).unwrap_or_default();
        let blank =
            lexer::tokens(rest, self.dialect).all(|(kind, _)| matches!(kind, Kind::Space | Kind::Comment));
        if !blank {
            let line = self.place(statement).0;
            return Err(Error::failed(
                "not_understood",
                format!("line {line}: something stands behind COPY … FROM STDIN on its line"),
            )
            .hint("the rows begin on the next line: put what follows them behind them"));
        }
        self.lent += line;
        if self.rest().get(self.lent) == Some(&b'\n') {
            self.lent += 1;
        }
        self.rows = Rows::Line;
        Ok(())
    }

    fn copy_data(&mut self) -> Result<Event<'_>> {
        loop {
            if self.rows == Rows::Line {
                // The longest that ends the rows: a backslash, a full stop, and the end of a line.
                while self.rest().len() < 4 && !self.whole {
                    self.fill(0)?;
                }
                if let Some(length) = end_of_rows(self.rest()) {
                    self.rows = Rows::No;
                    self.lent = length;
                    return Ok(Event::CopyEnd);
                }
            }
            let length = self.rows_in_window();
            if length > 0 {
                self.lent = length;
                return Ok(Event::CopyData(self.rest().get(..length).unwrap_or_default()));
            }
            if self.whole {
                return Err(self.truncated("the rows of a COPY", 0));
            }
            self.fill(0)?;
        }
    }

    /// How many bytes of the window are rows for sure. Says in `rows` whether they end with a line.
    fn rows_in_window(&mut self) -> usize {
        let rest = self.rest();
        let mut length = 0;
        let mut rows = self.rows;
        while length < rest.len() {
            let tail = rest.get(length..).unwrap_or_default();
            let unclear = tail.len() < 4 && !self.whole;
            if rows == Rows::Line && tail.first() == Some(&b'\\') && (unclear || end_of_rows(tail).is_some())
            {
                break;
            }
            if let Some(end) = lexer::line_end(tail) {
                (rows, length) = (Rows::Line, length + end + 1);
            } else {
                (rows, length) = (Rows::Inside, rest.len());
            }
        }
        self.rows = rows;
        length
    }

    fn truncated(&self, what: &str, at: usize) -> Error {
        let line = self.place(at).0;
        Error::failed("truncated", format!("the script ends inside of {what} that begins on line {line}"))
    }

    /// The length of the line at `at`, without its end.
    fn line_from(&mut self, at: usize) -> Result<usize> {
        loop {
            let rest = self.rest().get(at..).unwrap_or_default();
            let known = rest.len();
            match lexer::line_end(rest) {
                Some(length) => return Ok(length),
                None if self.whole => return Ok(known),
                None => self.fill(known)?,
            }
        }
    }

    /// The mark that some editors put before UTF-8.
    fn skip_mark(&mut self) -> Result<()> {
        while self.rest().len() < 3 && !self.whole {
            self.fill(0)?;
        }
        if self.rest().starts_with(b"\xEF\xBB\xBF") {
            self.consume(3);
        }
        Ok(())
    }

    fn rest(&self) -> &[u8] {
        self.window.get(self.start..).unwrap_or_default()
    }

    fn parts(&self, lead: usize, text: usize) -> (&[u8], &[u8]) {
        let (lead, rest) = self.rest().split_at_checked(lead).unwrap_or_default();
        (lead, rest.get(..text).unwrap_or_default())
    }

    /// The line and the offset of what lies so far behind the start.
    fn place(&self, behind: usize) -> (u64, u64) {
        let before = self.rest().get(..behind).unwrap_or_default();
        (self.line + newlines(before), self.offset + behind as u64)
    }

    fn consume(&mut self, length: usize) {
        (self.line, self.offset) = self.place(length);
        self.start += length;
        self.lent = 0;
    }

    /// Reads at least `wanted` bytes more, and some anyhow, unless the input ends.
    fn fill(&mut self, wanted: usize) -> Result<()> {
        if self.start > 0 {
            self.window.drain(..self.start);
            self.start = 0;
        }
        if self.window.capacity() > 16 * CHUNK && self.window.len() < CHUNK {
            self.window.shrink_to(2 * CHUNK);
        }
        let wanted = self.window.len() + wanted.max(CHUNK);
        while self.window.len() < wanted && !self.whole {
            match self.input.fill_buf() {
                Ok([]) => self.whole = true,
                Ok(bytes) => {
                    self.window.extend_from_slice(bytes);
                    let length = bytes.len();
                    self.input.consume(length);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::io("cannot read the script", &error)),
            }
        }
        Ok(())
    }
}

/// The length of the line that ends the rows, when `text` begins with it.
fn end_of_rows(text: &[u8]) -> Option<usize> {
    match text.strip_prefix(b"\\.")? {
        [] => Some(2),
        [b'\n', ..] | [b'\r'] => Some(3),
        [b'\r', b'\n', ..] => Some(4),
        _ => None,
    }
}

fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}
