//! goose: `1_name.sql` with sections `-- +goose Up` and `-- +goose Down`.
//!
//! The order is that of the numbers. What stands between `StatementBegin` and `StatementEnd` is one statement;
//! `NO TRANSACTION` asks for none; between `ENVSUB ON` and `ENVSUB OFF` variables of the environment are replaced, and
//! one that is not set is an error unless it has a default. Migrations written in Go can't be run from here.

mod variables;

use super::{Asked, Baseline, Convention, Fit, Found, NextMigration, strays};
use crate::source::directory::{Directory, File};
use crate::source::placeholders::{Placeholders, Replaced};
use crate::source::text::{self, Line};
use crate::source::{Migration, Script, order, squash};
use common::error::{Error, Result};
use std::ops::Range;

pub(super) struct Goose;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Directive {
    Up,
    Down,
    Begin,
    End,
    NoTransaction,
    Variables(bool),
}

fn directive(line: &Line<'_>) -> Option<std::result::Result<Directive, String>> {
    let rest = line.comment()?.strip_prefix("+goose")?;
    let words: Vec<String> = rest.split_ascii_whitespace().map(str::to_ascii_uppercase).collect();
    Some(match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["UP"] => Ok(Directive::Up),
        ["DOWN"] => Ok(Directive::Down),
        ["STATEMENTBEGIN"] => Ok(Directive::Begin),
        ["STATEMENTEND"] => Ok(Directive::End),
        ["NO", "TRANSACTION"] => Ok(Directive::NoTransaction),
        ["ENVSUB" | "ENVSUBST", "ON"] => Ok(Directive::Variables(true)),
        ["ENVSUB" | "ENVSUBST", "OFF"] => Ok(Directive::Variables(false)),
        _ => Err(rest.trim().to_owned()),
    })
}

fn matches(name: &str) -> bool {
    name.strip_suffix(".sql").is_some_and(|stem| order::numbered(stem).is_some())
}

fn is_code(name: &str) -> bool {
    let stem = name.strip_suffix(".go").filter(|stem| !stem.ends_with("_test"));
    stem.is_some_and(|stem| order::numbered(stem).is_some())
}

/// A section in the making.
struct Section {
    first_line: u64,
    written: Range<usize>,
    made: Replaced,
    single: Vec<Range<usize>>,
}

struct Reader<'a> {
    file: &'a File,
    placeholders: &'a Placeholders,
    sections: Vec<Section>,
    /// Where a statement began.
    inside: Option<usize>,
    variables: bool,
    transaction: bool,
}

impl Reader<'_> {
    fn take(&mut self, line: &Line<'_>) -> Result<()> {
        let Some(directive) = directive(line) else { return self.text(line) };
        let directive =
            directive.or_else(|word| self.wrong(line.number, &format!("+goose {word} is unknown")))?;
        match directive {
            Directive::Up if self.sections.is_empty() => self.begin(line),
            Directive::Down if self.sections.len() == 1 && self.inside.is_none() => self.begin(line),
            Directive::Up | Directive::Down => {
                self.wrong(
                    line.number,
                    "it wants one -- +goose Up, and after it at most one -- +goose Down",
                )?;
            }
            Directive::NoTransaction => self.transaction = false,
            Directive::Variables(on) => self.variables = on,
            Directive::Begin | Directive::End => {}
        }
        let Some(section) = self.sections.last_mut() else {
            return match directive {
                Directive::Begin | Directive::End => self.wrong(line.number, "it stands before -- +goose Up"),
                _ => Ok(()),
            };
        };
        if directive == Directive::End {
            match self.inside.take() {
                Some(start) => section.single.push(start..section.made.text.len()),
                None => return self.wrong(line.number, "StatementEnd without StatementBegin"),
            }
        }
        section.written.end = line.at.end;
        if self.inside.is_some() && matches!(directive, Directive::Variables(_)) {
            // It would become a part of a function's body.
            section.made.any = true;
            return Ok(());
        }
        section.made.keep(&line_with_break(self.file, line)?);
        if directive == Directive::Begin && self.inside.replace(section.made.text.len()).is_some() {
            return self.wrong(line.number, "StatementBegin twice");
        }
        Ok(())
    }

    fn begin(&mut self, line: &Line<'_>) {
        let (first_line, written) = (line.number, line.at.clone());
        self.sections.push(Section { first_line, written, made: Replaced::default(), single: Vec::new() });
    }

    fn text(&mut self, line: &Line<'_>) -> Result<()> {
        let Some(section) = self.sections.last_mut() else {
            return if line.is_idle() {
                Ok(())
            } else {
                self.wrong(line.number, "a statement stands before -- +goose Up")
            };
        };
        let whole = line_with_break(self.file, line)?;
        section.written.end = line.at.end;
        if self.variables && !self.placeholders.leaves_all() {
            variables::replace(&whole, &self.file.path, line.number, self.placeholders, &mut section.made)
        } else {
            section.made.keep(&whole);
            Ok(())
        }
    }

    fn wrong<T>(&self, line: u64, why: &str) -> Result<T> {
        let message = format!("{} is no migration of goose: {why} (line {line})", self.file.path.display());
        Err(Error::failed("directive", message))
    }
}

fn line_with_break(file: &File, line: &Line<'_>) -> Result<Vec<u8>> {
    Ok(file.text()?.get(line.at.clone()).unwrap_or_default().to_vec())
}

/// What applies, and what takes back.
fn scripts(file: &File, placeholders: &Placeholders) -> Result<(Script, Option<Script>)> {
    let mut reader = Reader {
        file,
        placeholders,
        sections: Vec::new(),
        inside: None,
        variables: false,
        transaction: true,
    };
    for line in text::lines(file.text()?) {
        reader.take(&line)?;
    }
    if reader.inside.is_some() {
        return reader.wrong(text::breaks(file.text()?), "StatementBegin without StatementEnd");
    }
    let asked = !reader.transaction;
    let mut scripts = std::mem::take(&mut reader.sections).into_iter().map(|section| {
        let mut script = Script::section(file, section.written)?;
        script.first_line = section.first_line;
        script.single = section.single;
        Ok(script.with_values(section.made).without_transaction(asked))
    });
    match scripts.next() {
        Some(up) => Ok((up?, scripts.next().transpose()?)),
        None => reader.wrong(1, "there is no -- +goose Up"),
    }
}

impl Convention for Goose {
    fn name(&self) -> &'static str {
        "goose"
    }

    fn fit(&self, directory: &Directory) -> Result<Option<Fit>> {
        Fit::directives(directory, "-- +goose Up", matches, |line| directive(line).is_some())
    }

    fn read(&self, directory: &Directory, placeholders: &Placeholders) -> Result<Found> {
        if let Some(code) = directory.files.iter().find(|file| is_code(&file.name)) {
            let message = format!("{} is a migration written in Go", code.path.display());
            return Err(Error::failed("not_sql", message).hint("write it in SQL"));
        }
        let mut migrations = Vec::new();
        for file in directory.sql() {
            let Some((version, name)) = file.name.strip_suffix(".sql").and_then(order::numbered) else {
                continue;
            };
            let (up, down) = scripts(file, placeholders)?;
            let (version, name) = (order::number(version).to_owned(), name.to_owned());
            let kind = squash::kind(&up);
            migrations.push(Migration { version, name, kind, up, down });
        }
        migrations.sort_by(|one, other| order::numeric(&one.version, &other.version));
        order::refuse_repeated(&migrations)?;
        Ok(Found { migrations, warnings: strays(directory, matches)? })
    }

    fn next(&self, asked: &Asked<'_>) -> Result<NextMigration> {
        Ok(asked.numbered("", &[(".sql", "up", "-- +goose Up\n\n-- +goose Down\n")]))
    }

    fn baseline(&self, last: &Migration, name: &str) -> Option<Baseline> {
        let first = ["-- +goose Up\n", "-- +goose NO TRANSACTION\n-- +goose Up\n"];
        Some(Baseline { first, ..Baseline::numbered(last, name, ".sql")? })
    }

    fn is_frame(&self, line: &Line<'_>) -> bool {
        matches!(directive(line), Some(Ok(Directive::Up | Directive::NoTransaction)))
    }
}
