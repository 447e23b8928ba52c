//! A script cut into its statements.

use super::class::{Class, Control};
use super::place::{self, Place};
use super::psql;
use super::statement::Statement;
use crate::source::Script;
use common::error::{Error, Result};
use common::records::Warning;
use common::sql::split::{Event, Splitter};
use std::ops::Range;

/// A script and its statements.
#[derive(Clone, Debug)]
pub(crate) struct Parsed<'a> {
    /// The script.
    pub(crate) script: &'a Script,
    /// Its statements, in order.
    pub(crate) statements: Vec<Statement>,
    /// What was passed over.
    pub(crate) warnings: Vec<Warning>,
}

impl<'a> Parsed<'a> {
    /// The text of a statement.
    pub(crate) fn text(&self, statement: &Statement) -> &'a [u8] {
        self.script.text.get(statement.text.clone()).unwrap_or_default()
    }

    /// The rows that follow it.
    pub(crate) fn rows(&self, statement: &Statement) -> Option<&'a [u8]> {
        statement.rows.clone().map(|rows| self.script.text.get(rows).unwrap_or_default())
    }

    /// Where a statement is.
    pub(crate) fn place(&self, statement: &Statement) -> Place<'a> {
        Place { path: &self.script.path, line: statement.line, column: statement.column }
    }
}

/// Cuts `script`; fails on what only psql could run, and on what is not closed.
pub(crate) fn parse(script: &Script) -> Result<Parsed<'_>> {
    let mut cutter = Cutter { parsed: Parsed { script, statements: Vec::new(), warnings: Vec::new() } };
    let mut from = 0;
    for single in &script.single {
        cutter.cut(from..single.start)?;
        cutter.single(single.clone())?;
        from = single.end;
    }
    cutter.cut(from..script.text.len())?;
    Ok(cutter.parsed)
}

struct Cutter<'a> {
    parsed: Parsed<'a>,
}

impl Cutter<'_> {
    /// Cuts a part of the text at its semicolons.
    fn cut(&mut self, part: Range<usize>) -> Result<()> {
        let script = self.parsed.script;
        let text = script.text.get(part.clone()).unwrap_or_default();
        let begins = self.place(part.start);
        let mut splitter = Splitter::new(text);
        loop {
            let event = splitter.event().map_err(|error| {
                // Its line is the part's.
                error
                    .context(format!("cannot read {}:{}", script.path.display(), begins.0))
                    .class_is(common::error::Class::Usage)
            })?;
            match event {
                Event::Statement(found) => {
                    let start = part.start + usize::try_from(found.offset).unwrap_or(usize::MAX);
                    let rows = found.copies_in.then_some(0..0);
                    self.push(start..start + found.text.len(), rows)?;
                }
                Event::CopyData(rows) => {
                    let length = rows.len();
                    let start = part.start + usize::try_from(splitter.offset()).unwrap_or(usize::MAX);
                    if let Some(last) = self.parsed.statements.last_mut() {
                        let from =
                            last.rows.clone().filter(|rows| rows.end > 0).map_or(start, |rows| rows.start);
                        last.rows = Some(from..start + length);
                    }
                }
                Event::CopyEnd => {}
                Event::Meta(meta) => {
                    let offset = part.start + usize::try_from(meta.offset).unwrap_or(usize::MAX);
                    let (line, column) = self.place(offset);
                    let place = Place { path: &script.path, line, column };
                    let warning = psql::pass_over(meta.text, &place, meta.inside)?;
                    self.parsed.warnings.push(warning);
                }
                Event::End(_) => return Ok(()),
            }
        }
    }

    /// Takes a part as one statement, whatever is in it. Several that are one for their convention stay together.
    fn single(&mut self, part: Range<usize>) -> Result<()> {
        let (statements, warnings) = (self.parsed.statements.len(), self.parsed.warnings.len());
        if self.cut(part.clone()).is_ok() {
            let found = self.parsed.statements.get_mut(statements..).unwrap_or_default();
            if let Some((_, others)) = found.split_last_mut() {
                for statement in others {
                    statement.with_next = true;
                }
            }
            return Ok(());
        }
        // What cannot be cut is one all the same: the server says what is wrong with it.
        self.parsed.statements.truncate(statements);
        self.parsed.warnings.truncate(warnings);
        let text = self.parsed.script.text.get(part.clone()).unwrap_or_default();
        let blank = |byte: &u8| byte.is_ascii_whitespace();
        let Some(first) = text.iter().position(|byte| !blank(byte)) else { return Ok(()) };
        let last = text.iter().rposition(|byte| !blank(byte)).unwrap_or(first);
        self.push(part.start + first..part.start + last + 1, None)
    }

    fn push(&mut self, text: Range<usize>, rows: Option<Range<usize>>) -> Result<()> {
        let bytes = self.parsed.script.text.get(text.clone()).unwrap_or_default();
        let class = Class::of(bytes);
        let (line, column) = self.place(text.start);
        let number = u32::try_from(self.parsed.statements.len() + 1).unwrap_or(u32::MAX);
        let statement = Statement { number, text, rows, line, column, class, with_next: false };
        let place = self.parsed.place(&statement);
        if bytes.contains(&0) {
            return Err(Error::usage(format!("{place}: a statement holds a NUL byte")));
        }
        if class.control == Control::Other {
            let what = self.parsed.head(&statement);
            return Err(Error::usage(format!("{place}: {what}: a migration cannot take itself back"))
                .code_is("transaction_control")
                .hint("leave it out: a migration that fails is rolled back as a whole"));
        }
        self.parsed.statements.push(statement);
        Ok(())
    }

    /// The line and column of the file at `offset` in the text. Counts on from the last statement.
    fn place(&self, offset: usize) -> (u64, u64) {
        let script = self.parsed.script;
        let (from, begins) = match self.parsed.statements.last() {
            Some(last) if last.text.start <= offset => (last.text.start, (last.line, last.column)),
            _ => (0, (script.first_line, 1)),
        };
        place::at(script.text.get(from..).unwrap_or_default(), offset - from, begins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Transaction;

    fn script(text: &str, single: Vec<Range<usize>>) -> Script {
        Script {
            path: "m/1_a.sql".into(),
            text: text.into(),
            first_line: 3,
            transaction: Transaction::Unsaid,
            single,
            secret: Vec::new(),
            written: None,
        }
    }

    #[test]
    fn statements_rows_and_places_are_found() {
        let script = script(
            "\u{feff}-- é\n CREATE TABLE a ();; COPY a FROM stdin;\n1\n2;\n\\.\nDO $$;$$;\n\\echo x\nSELECT 1",
            Vec::new(),
        );
        let parsed = parse(&script).unwrap();
        let texts: Vec<_> =
            parsed.statements.iter().map(|s| String::from_utf8_lossy(parsed.text(s))).collect();
        assert_eq!(texts, ["CREATE TABLE a ()", "COPY a FROM stdin", "DO $$;$$", "SELECT 1"]);
        assert_eq!(parsed.rows(&parsed.statements[1]), Some(&b"1\n2;\n"[..]));
        let places: Vec<_> = parsed.statements.iter().map(|s| (s.line, s.column)).collect();
        assert_eq!(places, [(4, 2), (4, 22), (8, 1), (10, 1)]);
        assert_eq!(parsed.warnings.len(), 1);
    }

    #[test]
    fn what_a_convention_says_is_one_statement_is_one() {
        let text = "SELECT 0;\n SELECT 1; SELECT 2;\nSELECT 3;";
        let script = script(text, std::iter::once(10..29).collect());
        let parsed = parse(&script).unwrap();
        let with_next: Vec<_> = parsed.statements.iter().map(|s| s.with_next).collect();
        assert_eq!(with_next, [false, true, false, false]);
    }

    #[test]
    fn what_only_psql_could_run_is_refused_with_its_place() {
        for text in ["SELECT 1;\n\\i other.sql\n", "SELECT 1 \\gset\n", "\\set name x\n", "BEGIN; ROLLBACK"] {
            let script = script(text, Vec::new());
            let error = parse(&script).unwrap_err();
            assert!(error.to_string().starts_with("m/1_a.sql:"), "{error}");
        }
        parse(&script("SELECT 'x", Vec::new())).unwrap_err();
    }
}
