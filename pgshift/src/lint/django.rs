//! Migrations of a Django project: what their text and operations say, judged by the sizes of tables, and their SQL.
//!
//! Knows no Django: what there is to be said was found out there. Where a rule of Django's own and one of SQL say the
//! same of a table, the former stays, since its recipe is code of Django's.

use super::cut::Piece;
use super::judge::{READ, Weight, weight};
use super::{Finding, Linter, Severity, Verdict, ignore};
use crate::effects;
use crate::facts::Size;
use crate::grammar::{Name, Statement, read};
use common::name::QualifiedName;
use serde::Deserialize;

/// Where an operation or a line of a function stands, and the comments that are about it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Place {
    line: u64,
    column: u64,
    comments: Vec<String>,
    /// Rules to which the models have the answer: nothing that they look for can be there.
    #[serde(default)]
    settled: Vec<String>,
}

/// Something that speaks against a migration, if its tables are large enough.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Remark {
    #[serde(flatten)]
    place: Place,
    rule: String,
    text: String,
    /// Those that it is about; `None` where nobody can tell.
    tables: Option<Vec<String>>,
    why: String,
    recipe: Option<String>,
}

/// SQL of an operation.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    pub(crate) sql: &'a str,
    /// The operation's place, where it is known whose it is.
    pub(crate) place: Option<&'a Place>,
    /// The project's own words, not Django's.
    pub(crate) own: bool,
    /// It may be another one when it runs.
    pub(crate) doubted: bool,
}

/// A migration to judge.
#[derive(Debug)]
pub(crate) struct Judged<'a> {
    pub(crate) atomic: bool,
    /// It is a file of the project, and not of a library, which nobody here can change.
    pub(crate) own: bool,
    pub(crate) places: &'a [Place],
    pub(crate) remarks: &'a [Remark],
    /// Comments that are about the whole file.
    pub(crate) comments: &'a [String],
    pub(crate) sql: &'a [Told<'a>],
}

/// On what it depends whether a remark is worth a finding.
enum Matter {
    /// Nothing.
    Always(Severity),
    /// Whether there are rows that somebody works with.
    Used,
    /// The size of the table: what it is when that is large, and when nobody knows.
    Size(Severity, Option<Severity>),
}

fn matter(rule: &str) -> Matter {
    use Severity::{Error, Warning};
    match rule {
        "django-index" | "django-unbatched" | "django-data-and-schema" => Matter::Size(Error, Some(Warning)),
        "django-long-transaction" => Matter::Size(Warning, None),
        "django-irreversible" | "django-imported-model" => Matter::Always(Warning),
        "django-content-type" | "ban-concurrent-index-creation-in-transaction" => Matter::Always(Error),
        _ => Matter::Used,
    }
}

/// An index that is built by itself comes behind nothing: who is told of the index need not be told that. It is said of what
/// holds the lock, which others may come behind, too.
const BEHIND: &str = "statements-after-exclusive-lock";

/// What the rules of SQL say of the same.
fn covers(rule: &str) -> &'static [&'static str] {
    match rule {
        "django-index" => &["require-concurrent-index-creation", "disallowed-unique-constraint", BEHIND],
        "django-required-field" => &["adding-required-field"],
        "django-remove-field" => &["ban-drop-column"],
        "django-delete-model" => &["ban-drop-table"],
        "django-rename" => &["renaming-column", "renaming-table"],
        "django-data-and-schema" => &["data-and-schema-in-one-transaction"],
        _ => &[],
    }
}

impl Linter {
    /// Judges one migration of a Django project, and keeps in mind what it changes.
    pub(crate) fn judge_django(&mut self, migration: &Judged<'_>) -> Verdict {
        let mut found: Vec<Finding> =
            migration.remarks.iter().filter_map(|remark| self.remark(remark)).collect();
        let nowhere =
            Place { line: 1, column: 1, comments: migration.comments.to_vec(), settled: Vec::new() };
        let pieces: Vec<Piece> =
            migration.sql.iter().map(|told| piece(told.place.unwrap_or(&nowhere), told.sql)).collect();
        let statements: Vec<(&Piece, Statement)> =
            pieces.iter().map(|piece| (piece, read(&piece.text))).collect();
        let alone =
            statements.iter().any(|(_, statement)| effects::of(statement, &self.facts).alone.is_some());
        let whole = migration.atomic && !alone;
        let mut verdict = self.statements(&statements, whole, |at, finding| {
            finding.exact &= migration.sql.get(at).is_none_or(|told| !told.doubted);
        });
        let own = pieces.iter().zip(migration.sql).filter(|(_, told)| told.own).map(|(piece, _)| piece);
        self.others(own, whole, &mut verdict);
        let said = |finding: &Finding| {
            found.iter().any(|other| {
                other.object == finding.object
                    && covers(&other.rule).contains(&finding.rule.as_str())
                    && (finding.rule != BEHIND
                        || (other.line, other.column) == (finding.line, finding.column))
            })
        };
        let settled = |finding: &Finding| {
            let here = |place: &&Place| (place.line, place.column) == (finding.line, finding.column);
            migration.places.iter().filter(here).any(|place| place.settled.contains(&finding.rule))
        };
        verdict.findings.retain(|finding| !said(finding) && !settled(finding));
        verdict.findings.append(&mut found);
        if !migration.own {
            verdict.findings.retain(|finding| finding.size.is_known());
        }
        let places = migration.places.iter().chain(migration.remarks.iter().map(|remark| &remark.place));
        let mut places: Vec<Piece> = places.chain([&nowhere]).map(|place| piece(place, "")).collect();
        places.sort_by_key(|piece| (piece.line, piece.column));
        places.dedup_by_key(|piece| (piece.line, piece.column));
        ignore::silence(&places, &mut verdict.findings, &self.choice);
        verdict.findings.sort_by_key(|finding| (finding.line, finding.column));
        self.facts.end_of_file();
        verdict
    }

    /// The finding that a remark is worth.
    fn remark(&self, remark: &Remark) -> Option<Finding> {
        if !self.choice.wants(&remark.rule) {
            return None;
        }
        let table = self.heaviest(remark.tables.as_deref().unwrap_or_default());
        // An index of a method that takes longer is found by what its SQL says.
        let small = if remark.rule == "django-index" { self.small.times(READ) } else { self.small };
        let weight = match (&table, &remark.tables) {
            (Some(table), _) => weight(&self.facts, small, table),
            (None, None) => Weight::Unknown,
            (None, Some(_)) => Weight::Light,
        };
        let size = table.as_ref().map_or(Size::UNKNOWN, |table| self.facts.size(table));
        let severity = match (matter(&remark.rule), weight) {
            (Matter::Always(severity), _) | (Matter::Size(severity, _), Weight::Heavy) => severity,
            (Matter::Used, _) if size == Size::EMPTY || size.rows == Some(0) => Severity::Note,
            (Matter::Used, _) => Severity::Warning,
            (Matter::Size(_, unknown), Weight::Unknown) => unknown?,
            (Matter::Size(..), Weight::Light) => return None,
        };
        let mut finding = Finding::new(&remark.rule, severity, remark.why.clone());
        finding.exact = !(matches!(matter(&remark.rule), Matter::Size(..)) && weight == Weight::Unknown);
        finding.writes_per_second = table
            .as_ref()
            .and_then(|table| self.facts.relation(table))
            .and_then(|relation| relation.writes_per_second);
        (finding.object, finding.size) = (table.map(|table| table.to_string()), size);
        finding.recipe.clone_from(&remark.recipe);
        (finding.line, finding.column) = (remark.place.line, remark.place.column);
        finding.statement.clone_from(&remark.text);
        Some(finding)
    }

    /// The largest of these tables.
    fn heaviest(&self, tables: &[String]) -> Option<QualifiedName> {
        let tables =
            tables.iter().map(|table| self.facts.resolve(&Name { schema: None, name: table.clone() }));
        tables.max_by_key(|table| {
            let size = self.facts.size(table);
            (weight(&self.facts, self.small, table), size.bytes, size.rows)
        })
    }
}

/// A statement where its operation stands, with the comments of Python as those of SQL.
fn piece(place: &Place, sql: &str) -> Piece {
    let comments: Vec<String> = place.comments.iter().map(|comment| format!("-- {comment}")).collect();
    let comments = comments.join("\n") + "\n";
    Piece { text: sql.to_owned(), line: place.line, column: place.column, comments }
}
