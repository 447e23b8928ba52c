//! Assertions: statements in files that say what must hold of a database.
//!
//! A statement gives no rows when all is well, and one for each violation otherwise; or it gives a single boolean.
//! Each runs in a transaction of its own that can write nothing and is rolled back. What cannot give rows proves
//! nothing and is an error, and so are no assertions at all.

use crate::error::{Class, Context, Error, Result};
use crate::pg::session::Session;
use crate::sql::comments;
use crate::sql::split::{Event, Splitter, Statement};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// How long a name is that comes from a statement's text, in characters.
const LONGEST_NAME: usize = 60;

/// What must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// The first line of the comment before it, or its beginning.
    pub name: String,
    /// The file that it is in.
    pub file: PathBuf,
    /// The line that it begins on.
    pub line: u64,
    /// The lines of the comments before it, without their marks.
    pub comments: Vec<String>,
    /// The statement.
    pub sql: Vec<u8>,
}

/// What became of an assertion.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It holds.
    Passed,
    /// It does not hold.
    Failed {
        /// The rows that it gave; none when it was a boolean.
        violations: Option<u64>,
    },
    /// It could not be run, for this reason.
    Error(Error),
}

/// The assertions of a file, or of the `*.sql` files of a directory in the order of their names.
pub fn read(path: &Path) -> Result<Vec<Assertion>> {
    let mut assertions = Vec::new();
    for file in files(path)? {
        read_file(&file, &mut assertions)?;
    }
    if assertions.is_empty() {
        let message = format!("no assertion found in {}", path.display());
        let hint = "an assertion is an SQL statement that gives a row for each violation, in a file *.sql";
        return Err(Error::usage(message).code_is("no_assertion").hint(hint));
    }
    Ok(assertions)
}

fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let cannot = || format!("cannot read {}", path.display());
    let kind = path.metadata().context(cannot).map_err(|error| error.class_is(Class::Usage))?;
    if !kind.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in path.read_dir().context(cannot)? {
        let file = entry.context(cannot)?.path();
        if file.extension().is_some_and(|extension| extension == "sql") && file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn read_file(file: &Path, assertions: &mut Vec<Assertion>) -> Result<()> {
    let cannot = || format!("cannot read {}", file.display());
    let wrong = |line: u64, what: &str| {
        Err(Error::usage(format!("{}, line {line}: {what}", file.display()))
            .hint("an assertion is one SQL statement that gives a row for each violation"))
    };
    let mut splitter = Splitter::new(BufReader::new(File::open(file).context(cannot)?));
    loop {
        let event = splitter.event().map_err(|error| error.context(cannot()).class_is(Class::Usage))?;
        match event {
            Event::Statement(statement) if statement.copies_in => {
                return wrong(statement.line, "COPY … FROM STDIN is no assertion");
            }
            Event::Statement(statement) => assertions.push(Assertion {
                name: name(&statement),
                file: file.to_owned(),
                line: statement.line,
                comments: comments::lines(statement.lead),
                sql: statement.text.to_owned(),
            }),
            Event::Meta(meta) => return wrong(meta.line, "commands of psql's are not run here"),
            Event::End(_) => return Ok(()),
            Event::CopyData(_) | Event::CopyEnd => {}
        }
    }
}

fn name(statement: &Statement<'_>) -> String {
    comments::headline(statement.lead).unwrap_or_else(|| {
        let text = String::from_utf8_lossy(statement.text);
        let words: Vec<&str> = text.split_whitespace().collect();
        let words = words.join(" ");
        match words.char_indices().nth(LONGEST_NAME) {
            Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default().trim_end()),
            None => words,
        }
    })
}

impl Assertion {
    /// Runs it. Fails only when nothing can be run any more, such as when the server is gone.
    pub fn run(&self, session: &mut Session) -> Result<Verdict> {
        session.execute("BEGIN READ ONLY")?;
        let answer = session.ask(&self.sql);
        if let Err(error) = &answer
            && error.class() != Class::Failed
        {
            return Err(error.clone());
        }
        session.execute("ROLLBACK")?;
        Ok(match answer {
            Err(error) => Verdict::Error(error),
            Ok(answer) if answer.columns.is_none() => Verdict::Error(
                Error::failed("not_a_query", "the statement is of a kind that gives no rows: it cannot fail")
                    .hint("write a SELECT that gives a row for each violation"),
            ),
            Ok(answer) => match answer.boolean() {
                Some(Some(true)) => Verdict::Passed,
                Some(_) => Verdict::Failed { violations: None },
                None if answer.rows == 0 => Verdict::Passed,
                None => Verdict::Failed { violations: Some(answer.rows) },
            },
        })
    }
}
