//! dbmate: `20240101000000_name.sql` with sections `-- migrate:up` and `-- migrate:down`.
//!
//! The order is that of the file names as text, and versions are text: leading zeros count. `transaction:false` behind
//! a section's mark runs it without one. Several sections of one kind run one after another. Before the first section
//! there is nothing but comments.

use super::{Asked, Baseline, Convention, Fit, Found, NextMigration, strays};
use crate::source::directory::{Directory, File};
use crate::source::placeholders::Placeholders;
use crate::source::text::{self, Line};
use crate::source::{Migration, Script, order, squash};
use common::error::{Error, Result};
use std::ops::Range;

pub(super) struct Dbmate;

/// A section's mark.
struct Mark {
    down: bool,
    transaction: bool,
}

fn mark(line: &Line<'_>) -> Option<Mark> {
    let mut words = line.comment()?.split_ascii_whitespace();
    let down = match words.next()? {
        "migrate:up" => false,
        "migrate:down" => true,
        _ => return None,
    };
    Some(Mark { down, transaction: !words.any(|option| option == "transaction:false") })
}

fn matches(name: &str) -> bool {
    name.strip_suffix(".sql").is_some_and(|stem| order::digits(stem).is_some())
}

struct Section {
    mark: Mark,
    at: Range<usize>,
}

fn sections(file: &File) -> Result<Vec<Section>> {
    let text = file.text()?;
    let wrong = |why: &str, line: u64| {
        let message = format!("{} is no migration of dbmate: {why} (line {line})", file.path.display());
        Err(Error::failed("directive", message))
    };
    let mut sections: Vec<Section> = Vec::new();
    for line in text::lines(text) {
        if let Some(mark) = mark(&line) {
            if sections.is_empty() && mark.down {
                return wrong("-- migrate:down stands before -- migrate:up", line.number);
            }
            sections.push(Section { mark, at: line.at.clone() });
        } else if let Some(section) = sections.last_mut() {
            section.at.end = line.at.end;
        } else if !line.is_idle() {
            return wrong("a statement stands before -- migrate:up", line.number);
        }
    }
    if sections.is_empty() {
        return wrong("there is no -- migrate:up", 1);
    }
    Ok(sections)
}

/// The sections of one direction as one script, what lies between them blank.
fn script(file: &File, sections: &[Section], down: bool) -> Result<Option<Script>> {
    let own = || sections.iter().filter(|section| section.mark.down == down);
    let (Some(first), Some(last)) = (own().next(), own().next_back()) else { return Ok(None) };
    if own().any(|section| section.mark.transaction != first.mark.transaction) {
        let message = format!("the sections of {} disagree about transaction:false", file.path.display());
        return Err(Error::failed("directive", message).hint("make a migration of each section"));
    }
    let mut script = Script::section(file, first.at.start..last.at.end)?;
    for other in sections.iter().filter(|section| section.mark.down != down) {
        if other.at.start >= first.at.start && other.at.end <= last.at.end {
            let start = first.at.start;
            text::blank(&mut script.text, other.at.start - start..other.at.end - start);
        }
    }
    // Made anew: what it says of transactions is what is left of it.
    let script = Script::new(file, script.text, script.first_line);
    Ok(Some(script.without_transaction(!first.mark.transaction)))
}

impl Convention for Dbmate {
    fn name(&self) -> &'static str {
        "dbmate"
    }

    fn fit(&self, directory: &Directory) -> Result<Option<Fit>> {
        Fit::directives(directory, "-- migrate:up", matches, |line| mark(line).is_some())
    }

    fn read(&self, directory: &Directory, _: &Placeholders) -> Result<Found> {
        let mut migrations = Vec::new();
        for file in directory.sql().filter(|file| matches(&file.name)) {
            let Some((version, rest)) = order::digits(&file.name) else { continue };
            let sections = sections(file)?;
            let Some(up) = script(file, &sections, false)? else { continue };
            migrations.push(Migration {
                version: version.to_owned(),
                name: rest.trim_start_matches('_').trim_end_matches(".sql").to_owned(),
                kind: squash::kind(&up),
                up,
                down: script(file, &sections, true)?,
            });
        }
        order::refuse_repeated(&migrations)?;
        Ok(Found { migrations, warnings: strays(directory, matches)? })
    }

    fn next(&self, asked: &Asked<'_>) -> Result<NextMigration> {
        Ok(asked.numbered("", &[(".sql", "up", "-- migrate:up\n\n\n-- migrate:down\n\n")]))
    }

    fn baseline(&self, last: &Migration, name: &str) -> Option<Baseline> {
        let first = ["-- migrate:up\n", "-- migrate:up transaction:false\n"];
        Some(Baseline { first, ..Baseline::numbered(last, name, ".sql")? })
    }

    fn is_frame(&self, line: &Line<'_>) -> bool {
        mark(line).is_some()
    }
}
