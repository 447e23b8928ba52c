//! Reads back from a database what a manifest says, and tells what differs.
//!
//! Compares rows, sequences, large objects and materialised views; the schema is not looked at here.
//! "Nothing was compared" is never "equal": the counts of what was are part of the answer.

use super::read::{Pages, Totals, copy_out, list, rows};
use super::{large_objects, sequences};
use crate::error::{Context as _, Error, Result};
use crate::format::fingerprint::Fingerprint;
use crate::format::manifest::{LargeObjects, Manifest, MaterializedView, Sequence, Table};
use crate::name::{QualifiedName, ident, literal};
use crate::pg::catalog::{self, Relation};
use crate::pg::session::Session;
use crate::pg::target::Target;
use crate::workers::{Crew, Outcome};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

/// Something that is not as the manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What.
    pub object: String,
    /// Whether it is made of other things that are compared, too: a materialised view that was stale at the
    /// source is not after a restore.
    pub derived: bool,
    /// As the manifest says.
    pub expected: String,
    /// As it was found.
    pub found: String,
}

/// What was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Tables.
    pub tables: u64,
    /// Rows read.
    pub rows: u64,
    /// Bytes of these rows.
    pub bytes: u64,
}

/// How to compare.
pub struct Comparison<'a> {
    /// The database.
    pub target: &'a Target,
    /// The manifest.
    pub manifest: &'a Manifest,
    /// The tables to compare.
    pub tables: Vec<&'a Table>,
    /// The sequences to compare.
    pub sequences: Vec<&'a Sequence>,
    /// The materialised views to compare.
    pub matviews: Vec<&'a MaterializedView>,
    /// The large objects to compare.
    pub large_objects: Option<&'a LargeObjects>,
    /// Whether their owners, privileges and comments count.
    pub large_object_catalog: bool,
    /// `--role`.
    pub role: Option<&'a str>,
    /// Workers.
    pub jobs: usize,
    /// Whether the first difference ends it.
    pub fail_fast: bool,
    /// Whether to stop.
    pub stop: fn() -> bool,
    /// Told of bytes as they are read.
    pub advanced: &'a (dyn Fn(u64) + Sync),
}

/// Pages that one worker reads at a time.
const PAGES: u64 = 8192;

#[derive(Clone, Copy)]
enum Job<'a> {
    Rows { index: usize, table: &'a Table, pages: Option<Pages> },
    Matview(usize, &'a MaterializedView),
    ObjectCatalog,
    Objects(u32),
}

#[derive(Default)]
struct Found {
    tables: BTreeMap<usize, Totals>,
    matviews: BTreeMap<usize, Totals>,
    object_catalog: Fingerprint,
    objects: Fingerprint,
    /// Parts of each table that are yet to be read.
    open: HashMap<usize, usize>,
    /// The table that ended it all.
    first: Option<Difference>,
}

/// What ends the work at the first difference.
const FIRST: &str = "first_difference";

impl<'a> Comparison<'a> {
    /// Reads everything; what was compared, and what differs.
    pub fn run(&self) -> Result<(Compared, Vec<Difference>)> {
        let mut session = self.session()?;
        let relations: HashMap<QualifiedName, Relation> = catalog::relations(&mut session)?
            .into_iter()
            .map(|relation| (relation.name.clone(), relation))
            .collect();
        let mut differences = Vec::new();
        let jobs = self.jobs(&mut session, &relations, &mut differences)?;
        if self.fail_fast && !differences.is_empty() {
            return Ok((Compared::default(), differences));
        }
        let mut found = Found::default();
        for job in &jobs {
            if let Job::Rows { index, .. } = job {
                *found.open.entry(*index).or_default() += 1;
            }
        }
        let found = Mutex::new(found);
        let crew = Crew::new(self.jobs, self.stop);
        let read = crew.work(
            jobs,
            || self.session(),
            |session, job| self.read(session, job, &found).map(|()| Outcome::Done),
        );
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        match (read, found.first.take()) {
            (Err(error), Some(first)) if error.code() == FIRST => {
                return Ok((Compared::default(), vec![first]));
            }
            (read, _) => read?,
        }
        let compared = self.judge(&found, &relations, &mut differences);
        self.judge_sequences(&mut session, &relations, &mut differences)?;
        Ok((compared, differences))
    }

    fn session(&self) -> Result<Session> {
        let mut session = Session::open(self.target)?;
        session.stop_when(self.stop)?;
        session.pin()?;
        if self.manifest.schema.encoding == "SQL_ASCII" {
            session.execute("SET client_encoding = 'SQL_ASCII'")?;
        }
        if let Some(role) = self.role {
            session.execute(&format!("SET ROLE {}", ident(role)))?;
        }
        Ok(session)
    }

    fn jobs(
        &self,
        session: &mut Session,
        relations: &HashMap<QualifiedName, Relation>,
        differences: &mut Vec<Difference>,
    ) -> Result<Vec<Job<'a>>> {
        let version: u32 = session.query_one("SELECT current_setting('server_version_num')")?.number(0)?;
        let page_bytes: u64 = session.query_one("SELECT current_setting('block_size')")?.number(0)?;
        let mut jobs = Vec::new();
        for (index, &table) in self.tables.iter().enumerate() {
            let Some(relation) = relations.get(&table.qualified()) else {
                differences.push(missing(format!("table {}", table.qualified())));
                continue;
            };
            let pages = relation.main_bytes / page_bytes;
            if version < 140_000 || !relation.heap || table.condition.is_some() || pages <= PAGES {
                jobs.push((
                    relation.main_bytes + relation.toast_bytes,
                    Job::Rows { index, table, pages: None },
                ));
                continue;
            }
            let count = pages.div_ceil(PAGES);
            for number in 0..count {
                let end = (number + 1 < count).then_some((number + 1) * PAGES);
                let pages = Some(Pages { first: number * PAGES, end });
                jobs.push((relation.main_bytes + relation.toast_bytes, Job::Rows { index, table, pages }));
            }
        }
        for (index, &view) in self.matviews.iter().enumerate() {
            let name = QualifiedName::new(&view.schema, &view.name);
            match relations.get(&name) {
                None => differences.push(missing(format!("materialized view {name}"))),
                Some(relation) if relation.populated != view.populated => differences.push(Difference {
                    object: format!("materialized view {name}"),
                    derived: false,
                    expected: filled(view.populated),
                    found: filled(relation.populated),
                }),
                Some(_) if view.populated => jobs.push((1, Job::Matview(index, view))),
                Some(_) => {}
            }
        }
        if self.large_objects.is_some() {
            let (ranges, _) = large_objects::ranges(session)?;
            jobs.extend(ranges.into_iter().map(|range| (u64::MAX, Job::Objects(range))));
            jobs.push((u64::MAX, Job::ObjectCatalog));
        }
        jobs.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        Ok(jobs.into_iter().map(|(_, job)| job).collect())
    }

    fn read(&self, session: &mut Session, job: Job<'a>, found: &Mutex<Found>) -> Result<()> {
        let mut pending = 0;
        let mut each = |row: &[u8], _| {
            pending += row.len() as u64;
            if pending >= 1 << 20 {
                if (self.stop)() {
                    return Err(crate::pg::wire::stopped());
                }
                (self.advanced)(std::mem::take(&mut pending));
            }
            Ok(())
        };
        let encoding = &self.manifest.source.encoding;
        let found = || found.lock().unwrap_or_else(PoisonError::into_inner);
        match job {
            Job::Rows { index, table, pages } => {
                let generated = (!table.generated.is_empty()).then_some(table.columns.len());
                let totals = rows(session, &copy_out(table, pages, encoding), generated, &mut each)
                    .context(|| format!("cannot read table {} back", table.qualified()))?;
                let mut found = found();
                found.tables.entry(index).or_default().merge(&totals);
                if self.fail_fast {
                    found.close(index, table)?;
                }
            }
            Job::Matview(index, view) => {
                let name = QualifiedName::new(&view.schema, &view.name);
                let columns = list(view.columns.iter());
                let sql = format!(
                    "COPY (SELECT {columns} FROM {name}) TO STDOUT WITH (ENCODING {})",
                    literal(encoding)
                );
                let totals = rows(session, &sql, None, &mut each)
                    .context(|| format!("cannot read materialized view {name} back"))?;
                found().matviews.insert(index, totals);
            }
            Job::ObjectCatalog => {
                let totals = large_objects::catalog(session, &mut each)?;
                found().object_catalog = totals.copied;
            }
            Job::Objects(range) => {
                let totals = large_objects::pieces(session, range, &mut each)?;
                found().objects.merge(&totals.copied);
            }
        }
        (self.advanced)(pending);
        Ok(())
    }

    fn judge(
        &self,
        found: &Found,
        relations: &HashMap<QualifiedName, Relation>,
        differences: &mut Vec<Difference>,
    ) -> Compared {
        let mut compared = Compared::default();
        // Rows that went through a root may lie in another of its partitions now: there the sums are compared.
        let mut groups: BTreeMap<String, (Totals, Totals)> = BTreeMap::new();
        for (index, table) in self.tables.iter().enumerate() {
            if !relations.contains_key(&table.qualified()) {
                continue;
            }
            let read = found.tables.get(&index).copied().unwrap_or_default();
            compared.tables += 1;
            compared.rows += read.copied.rows;
            compared.bytes += read.copied.bytes;
            let name = table.load_through.clone().unwrap_or_else(|| table.qualified());
            let (expected, sum) = groups.entry(format!("table {name}")).or_default();
            expected.merge(&Totals { copied: table.fingerprint, with_generated: table.with_generated });
            sum.merge(&read);
        }
        for (index, view) in self.matviews.iter().enumerate() {
            if let (Some(read), Some(expected)) = (found.matviews.get(&index), view.fingerprint) {
                let name = QualifiedName::new(&view.schema, &view.name);
                let expected = Totals { copied: expected, with_generated: None };
                groups.insert(format!("materialized view {name}"), (expected, *read));
            }
        }
        if let Some(objects) = self.large_objects {
            let mut expected = Fingerprint::default();
            objects.content.iter().for_each(|segment| expected.merge(&segment.fingerprint));
            compared.bytes += found.objects.bytes;
            let whole = |copied| Totals { copied, with_generated: None };
            groups.insert("large objects".to_owned(), (whole(expected), whole(found.objects)));
            if self.large_object_catalog {
                let what = "owners, privileges and comments of large objects".to_owned();
                groups.insert(what, (whole(objects.catalog.fingerprint), whole(found.object_catalog)));
            }
        }
        for (object, (expected, found)) in groups {
            if expected.copied != found.copied {
                differences.push(difference(object, &expected.copied, &found.copied));
            } else if let (Some(expected), Some(found)) = (expected.with_generated, found.with_generated)
                && expected != found
            {
                differences.push(difference(format!("generated columns of {object}"), &expected, &found));
            }
        }
        compared
    }

    fn judge_sequences(
        &self,
        session: &mut Session,
        relations: &HashMap<QualifiedName, Relation>,
        differences: &mut Vec<Difference>,
    ) -> Result<()> {
        let name = |sequence: &Sequence| QualifiedName::new(&sequence.schema, &sequence.name);
        let (there, gone): (Vec<&Sequence>, Vec<&Sequence>) =
            self.sequences.iter().partition(|sequence| relations.contains_key(&name(sequence)));
        differences.extend(gone.into_iter().map(|sequence| missing(format!("sequence {}", name(sequence)))));
        let names: Vec<_> = there.iter().map(|sequence| name(sequence)).collect();
        let found: HashMap<QualifiedName, Sequence> = sequences::read(session, &names)?
            .into_iter()
            .map(|sequence| (name(&sequence), sequence))
            .collect();
        let state = |sequence: &Sequence| {
            let called = if sequence.is_called { "called" } else { "not called" };
            format!("{}, {called}", sequence.last_value)
        };
        for expected in there {
            let Some(found) = found.get(&name(expected)) else {
                return Err(Error::failed("internal", format!("sequence {} was not read", name(expected))));
            };
            if found != expected {
                let object = format!("sequence {}", name(expected));
                differences.push(Difference {
                    object,
                    derived: false,
                    expected: state(expected),
                    found: state(found),
                });
            }
        }
        Ok(())
    }
}

impl Found {
    /// One more part of a table is read; fails when it is the last one, and the table differs.
    fn close(&mut self, index: usize, table: &Table) -> Result<()> {
        let open = self.open.entry(index).or_default();
        *open = open.saturating_sub(1);
        let read = self.tables.get(&index).map(|totals| totals.copied).unwrap_or_default();
        if *open > 0 || table.load_through.is_some() || read == table.fingerprint {
            return Ok(());
        }
        let name = format!("table {}", table.qualified());
        self.first = Some(difference(name.clone(), &table.fingerprint, &read));
        Err(Error::failed(FIRST, format!("{name} differs")))
    }
}

fn filled(populated: bool) -> String {
    if populated { "filled" } else { "not filled" }.to_owned()
}

fn missing(object: String) -> Difference {
    Difference { object, derived: false, expected: "there".to_owned(), found: "missing".to_owned() }
}

fn difference(object: String, expected: &Fingerprint, found: &Fingerprint) -> Difference {
    let say = |fingerprint: &Fingerprint| {
        format!("{} rows, {} bytes, {:032x}", fingerprint.rows, fingerprint.bytes, fingerprint.sum)
    };
    let derived = object.starts_with("materialized view ");
    Difference { object, derived, expected: say(expected), found: say(found) }
}
