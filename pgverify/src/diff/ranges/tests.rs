//! The engine on real servers with ranges of a few rows, so that a small table has many borders.

use super::{Limits, Live, Ranges};
use crate::diff::{Column, Counts, Fields, Kind, RowDifference, Shape, Sink};
use common::error::Result;
use common::name::QualifiedName;
use common::pg::session::Session;
use common::pg::target::{ConnectOptions, Target};
use common::throttle::{self, Throttle};
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::time::Duration;
use testkit::{Cluster, Database, newest_major};

mod kinds;
mod load;
mod random;
mod recheck;
mod rows;

/// Tiny ranges, buckets of a row or two.
const TINY: Limits =
    Limits { first: 3, most: 7, aim: Duration::from_millis(150), bytes: 1 << 20, keep: 1 << 20, bucket: 40 };

#[derive(Default)]
struct Told {
    rows: Mutex<Vec<RowDifference>>,
    enough_after: Option<usize>,
}

impl Sink for Told {
    fn differs(&self, _: &Shape, row: RowDifference) -> Result<ControlFlow<()>> {
        let mut rows = self.rows.lock().unwrap();
        rows.push(row);
        let enough = self.enough_after.is_some_and(|enough| rows.len() >= enough);
        Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}

/// What was found.
#[derive(Debug)]
struct Found {
    counts: Counts,
    rows: Vec<RowDifference>,
}

impl Found {
    /// The keys of one kind, sorted, a key's columns joined by commas.
    fn keys(&self, shape: &Shape, kind: Kind) -> Vec<String> {
        let mut keys: Vec<String> =
            self.rows.iter().filter(|row| row.kind == kind).map(|row| key_of(shape, row)).collect();
        keys.sort();
        keys
    }
}

fn key_of(shape: &Shape, row: &RowDifference) -> String {
    let fields = row.a.as_ref().or(row.b.as_ref()).unwrap();
    let values: Vec<&str> =
        shape.key.iter().map(|place| fields[*place].as_deref().expect("a key is not NULL")).collect();
    values.join(",")
}

/// Two databases, `both` run in each, then what makes them differ.
fn pair(both: &str, a: &str, b: &str) -> (Database, Database) {
    pair_on((newest_major(), newest_major()), both, a, b)
}

fn pair_on(majors: (u32, u32), both: &str, a: &str, b: &str) -> (Database, Database) {
    let one = Cluster::shared(majors.0).database("left");
    let other = Cluster::shared(majors.1).database("right");
    one.run(&format!("{both};{a}"));
    other.run(&format!("{both};{b}"));
    (one, other)
}

/// The columns that table `t` has on both sides; the key by name.
fn shape(sides: &(Database, Database), key: &[&str]) -> Shape {
    let columns = |database: &Database| {
        database.rows(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute \
             WHERE attrelid = 't'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        )
    };
    let (a, b) = (columns(&sides.0), columns(&sides.1));
    let columns: Vec<Column> = a
        .iter()
        .filter_map(|here| {
            let there = b.iter().find(|there| there[0] == here[0])?;
            Some(Column { name: here[0].clone(), a_type: here[1].clone(), b_type: there[1].clone() })
        })
        .collect();
    let place = |name: &&str| columns.iter().position(|column| column.name == *name).unwrap();
    let key = key.iter().map(place).collect();
    Shape { table: QualifiedName::new("public", "t"), columns, key }
}

fn open(database: &Database) -> impl Fn() -> Result<Session> + Sync + use<> {
    let options = ConnectOptions { dbname: Some(database.connection()), ..ConnectOptions::default() };
    let target = Target::resolve_with(&options, &|_| None).unwrap();
    move || {
        let mut session = Session::open(&target)?;
        session.pin()?;
        session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        Ok(session)
    }
}

/// Compares table `t` of both; `None` when the engine leaves it to the other one.
fn compare_with(
    sides: &(Database, Database),
    shape: &Shape,
    limits: Limits,
    sink: &dyn Sink,
    load: throttle::Limits,
) -> Option<(Counts, u64)> {
    let (a, b) = (open(&sides.0), open(&sides.1));
    let quiet = |_: &str| {};
    let throttles = [Throttle::new(load, &a, || false, &quiet), Throttle::new(load, &b, || false, &quiet)];
    let ranges = Ranges {
        shape,
        a: Live { open: &a, throttle: &throttles[0] },
        b: Live { open: &b, throttle: &throttles[1] },
        jobs: 2,
        stop: || false,
        sink,
        advanced: &|_| {},
    };
    let counts = ranges.compare_within(limits, 0).unwrap_or_else(|error| panic!("{error}"))?;
    Some((counts, throttles.iter().map(Throttle::pauses).sum()))
}

#[track_caller]
fn compare(sides: &(Database, Database), shape: &Shape) -> Found {
    let sink = Told::default();
    let (counts, _) = compare_with(sides, shape, TINY, &sink, throttle::Limits::default())
        .expect("the engine takes the table on");
    let rows = sink.rows.into_inner().unwrap();
    let told = |kind| rows.iter().filter(|row| row.kind == kind).map(RowDifference::rows).sum::<u64>();
    assert_eq!(
        (counts.missing, counts.extra, counts.changed),
        (told(Kind::Missing), told(Kind::Extra), told(Kind::Changed)),
        "the counts are those of the rows"
    );
    let rows_of = |database: &Database| -> u64 { database.scalar("SELECT count(*) FROM t").parse().unwrap() };
    assert_eq!((counts.a_rows, counts.b_rows), (rows_of(&sides.0), rows_of(&sides.1)), "rows compared");
    Found { counts, rows }
}

fn texts(values: &[&str]) -> Fields {
    values.iter().map(|value| Some((*value).to_owned())).collect()
}
