//! Compares large objects: their bytes, owners, privileges and comments.

use super::side::Side;
use super::source::Advanced;
use super::tell::Teller;
use crate::diff::stream::{Decode, Rows, Stream};
use crate::diff::{Column, Kind, RowDifference, Shape, Sink};
use common::error::{Error, Result};
use common::format::fingerprint::Fingerprint;
use common::format::manifest::{LargeObjects, Segment};
use common::name::QualifiedName;
use common::proof::large_objects;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

/// Bytes of rows that are held while objects are matched.
const BUDGET: usize = 32 << 20;

/// What of the objects is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Rows of OID, owner, privileges, comment.
    Catalog,
    /// Rows of OID, number of the piece, bytes.
    Content,
}

/// Compares all large objects, and names those that differ.
pub(crate) fn compare(teller: &Teller<'_>, a: &Side, b: &Side, advanced: &Advanced<'_>) -> Result<()> {
    if !a.sheet().objects || !b.sheet().objects {
        return Ok(());
    }
    let alone = Mutex::default();
    for part in [Part::Catalog, Part::Content] {
        let known = |side: &Side| {
            side.stored().and_then(|stored| stored.manifest.large_objects.as_ref()).map(|all| sum(all, part))
        };
        let (a_known, b_known) = (known(a), known(b));
        if a_known.is_some() && a_known == b_known {
            if part == Part::Catalog {
                teller.tally().large_objects += a_known.map_or(0, |known| known.rows);
            }
            continue;
        }
        let shape = shape(part);
        let sink = Objects { teller, part, alone: &alone, last: Mutex::new(String::new()) };
        let stream = Stream {
            shape: &shape,
            a_decode: Decode::Plain,
            b_decode: Decode::Plain,
            rows: a_known.or(b_known).map_or(1 << 16, |known| known.rows),
            a_known,
            budget: BUDGET,
            sink: &sink,
        };
        let mut ours = Reading { side: a, part, advanced };
        let mut theirs = Reading { side: b, part, advanced };
        let sums = stream.compare(&mut ours, &mut theirs)?;
        let mut tally = teller.tally();
        tally.a_bytes += sums.a.bytes;
        tally.b_bytes += sums.b.bytes;
        tally.read_bytes += sums.counts.read_bytes;
        if part == Part::Catalog {
            tally.large_objects += sums.a.rows.max(sums.b.rows);
        }
    }
    Ok(())
}

fn segments(objects: &LargeObjects, part: Part) -> &[Segment] {
    match part {
        Part::Catalog => std::slice::from_ref(&objects.catalog),
        Part::Content => &objects.content,
    }
}

fn sum(objects: &LargeObjects, part: Part) -> Fingerprint {
    let mut sum = Fingerprint::default();
    for segment in segments(objects, part) {
        sum.merge(&segment.fingerprint);
    }
    sum
}

fn shape(part: Part) -> Shape {
    let (names, key): (&[&str], _) = match part {
        Part::Catalog => (&["oid", "owner", "privileges", "comment"], vec![0]),
        Part::Content => (&["oid", "piece", "content"], vec![0, 1]),
    };
    let column = |name: &&str| Column {
        name: (*name).to_owned(),
        a_type: "text".to_owned(),
        b_type: "text".to_owned(),
    };
    Shape {
        table: QualifiedName::new("pg_catalog", "pg_largeobject"),
        columns: names.iter().map(column).collect(),
        key,
    }
}

/// All large objects of one side.
struct Reading<'a> {
    side: &'a Side,
    part: Part,
    advanced: &'a Advanced<'a>,
}

impl Rows for Reading<'_> {
    fn each(&mut self, row: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        match self.side {
            Side::Stored(stored) => {
                let objects = stored.manifest.large_objects.as_ref();
                let segments = objects.map(|all| segments(all, self.part)).unwrap_or_default();
                for block in segments.iter().flat_map(|segment| &segment.blocks) {
                    let bytes = stored.store.block(block, "large objects")?;
                    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
                        row(line.strip_suffix(b"\n").unwrap_or(line))?;
                    }
                    (self.advanced)(bytes.len() as u64)?;
                }
                Ok(())
            }
            Side::Live(live) => {
                let mut session = live.join()?;
                let mut each = |line: &[u8], _| {
                    (self.advanced)(line.len() as u64)?;
                    row(line.strip_suffix(b"\n").unwrap_or(line))
                };
                if self.part == Part::Catalog {
                    return large_objects::catalog(&mut session, each).map(drop);
                }
                let (ranges, _) = large_objects::ranges(&mut session)?;
                ranges
                    .into_iter()
                    .try_for_each(|range| large_objects::pieces(&mut session, range, &mut each).map(drop))
            }
        }
    }
}

/// Tells of objects, not of their rows.
struct Objects<'a> {
    teller: &'a Teller<'a>,
    part: Part,
    /// Objects that one side lacks: nothing more is to be said of them.
    alone: &'a Mutex<HashSet<u32>>,
    last: Mutex<String>,
}

impl Sink for Objects<'_> {
    fn differs(&self, shape: &Shape, row: RowDifference) -> Result<ControlFlow<()>> {
        let fields = row.a.as_ref().or(row.b.as_ref());
        let oid = fields.and_then(|fields| fields.first()).cloned().flatten();
        let oid = oid.ok_or_else(|| Error::failed("internal", "a large object without a number"))?;
        let object = format!("large object {oid}");
        let number = oid.parse().unwrap_or_default();
        let mut alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        match self.part {
            Part::Content if alone.contains(&number) => {}
            Part::Content => {
                // An object may differ in many pieces, which come one after another.
                let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
                if *last != oid {
                    let piece =
                        fields.and_then(|fields| fields.get(1)).cloned().flatten().unwrap_or_default();
                    let bytes = |fields: Option<&Vec<Option<String>>>| match fields
                        .and_then(|fields| fields.get(2))
                    {
                        Some(Some(text)) => {
                            format!("piece {piece}: {} bytes", text.len().saturating_sub(2) / 2)
                        }
                        _ => format!("piece {piece}: none"),
                    };
                    let (ours, theirs) = (bytes(row.a.as_ref()), bytes(row.b.as_ref()));
                    let other = if ours == theirs { format!("{theirs}, others") } else { theirs };
                    self.teller.differs(&object, "content", &ours, &other);
                    *last = oid;
                }
            }
            Part::Catalog => match row.kind {
                Kind::Missing | Kind::Extra => {
                    alone.insert(number);
                    let (ours, theirs) =
                        if row.kind == Kind::Missing { ("present", "none") } else { ("none", "present") };
                    self.teller.differs(&object, "presence", ours, theirs);
                }
                Kind::Changed => {
                    for place in row.columns() {
                        let name = shape.columns.get(place).map_or("", |column| column.name.as_str());
                        let value = |fields: Option<&Vec<Option<String>>>| {
                            let value = fields.and_then(|fields| fields.get(place)).cloned().flatten();
                            value.unwrap_or_else(|| "none".to_owned())
                        };
                        self.teller.differs(&object, name, &value(row.a.as_ref()), &value(row.b.as_ref()));
                    }
                }
            },
        }
        Ok(if self.teller.enough() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}
