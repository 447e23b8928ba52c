//! How databases and file systems grow, and when a disk is full, from what runs before have measured.

use super::disk::{self, Space};
use super::{Own, Sight};
use crate::catalogue::Unit;
use crate::cli::Outside;
use crate::history::{self, Point, REMEMBERED};
use crate::records::Number;
use crate::run::Finding;
use common::cli::human;
use common::error::{Error, Result};
use jiff::{SignedDuration, Timestamp};

pub(super) const DATABASE: Own = Own {
    group: "size",
    name: "growth",
    head: "-- How much the database grows each day.\n\
           -- unit: bytes\n-- scope: database\n\
           -- reads: pg_database_size(), and what runs before have kept in the directory of --history\n\
           -- message: database {database} {how}\n\
           -- hint: `diff` of two recorded runs tells which tables have grown",
    look: database,
    idle,
};

pub(super) const DISK: Own = Own {
    group: "disk",
    name: "full_in",
    head: "-- When a file system will be full, if it goes on filling as it did in the last day or month, whichever is sooner.\n\
           -- unit: seconds\n-- warn: 7d\n-- crit: 1d\n-- below: yes\n\
           -- reads: the file systems that disk.used reads, and what runs before have kept in the directory of --history\n\
           -- message: the file system of {object} will be full in {value}: {free:bytes} are left, and it {how}\n\
           -- fine: no path on this machine is known: --disk names some\n\
           -- hint: look for what grows: `run size wal replication`",
    look: disks,
    idle,
};

/// What is shorter tells nothing of a day.
const LEAST: SignedDuration = SignedDuration::from_hours(1);
/// A day, and a little more: a job that comes once a day is seen once.
const DAY: SignedDuration = SignedDuration::from_mins(25 * 60);

fn idle(outside: &Outside) -> Option<&'static str> {
    outside.history.is_none().then_some("no --history was named")
}

fn database(sight: &mut Sight<'_>) -> Result<Vec<Finding>> {
    let rows = sight.server.ask("SELECT pg_database_size(current_database()) AS object")?;
    let bytes = rows.first().and_then(|row| row.field("object")?.parse().ok());
    let bytes = bytes.ok_or_else(|| Error::failed("no_size", "the database has no size"))?;
    let facts = &sight.server.facts;
    let name = format!("{} of {}", facts.database, facts.identity);
    let growth = remember(sight.outside, "database", name, bytes)?;
    Ok(vec![match growth.long {
        Some(rate) => Finding::default().with("value", &rate.a_day().round()).with("how", &growth.told()),
        None => Finding::default().with("status", "ok").with("how", &growth.told()),
    }])
}

fn disks(sight: &mut Sight<'_>) -> Result<Vec<Finding>> {
    disk::spaces(sight)?.into_iter().map(|space| disk(sight.outside, &space)).collect()
}

fn disk(outside: &Outside, space: &Space) -> Result<Finding> {
    let growth = remember(outside, "disk", space.shown.clone(), space.used)?;
    let found = Finding::default().with("object", &space.shown).with("free", &space.free);
    let fastest = [growth.day, growth.long].into_iter().flatten().map(Rate::a_day).fold(0.0, f64::max);
    if fastest <= 0.0 {
        let message = format!("the file system of {{object}} {}", growth.told());
        return Ok(found.with("status", "ok").with("message", &message));
    }
    let seconds = Number::of(space.free).0 / fastest * 86400.0;
    Ok(found.with("value", &seconds.round()).with("how", &growth.told()))
}

/// How something grew.
struct Growth {
    /// In the last day, when more is known than that.
    day: Option<Rate>,
    /// As far as is known.
    long: Option<Rate>,
    /// For how long it has been measured.
    known: SignedDuration,
}

/// So many bytes in so much time.
#[derive(Clone, Copy)]
struct Rate {
    bytes: f64,
    time: SignedDuration,
}

/// Remembers what something takes, and compares it with what it took.
fn remember(outside: &Outside, of: &str, name: String, bytes: u64) -> Result<Growth> {
    let Some(directory) = &outside.history else {
        return Err(Error::failed("internal", "no history was named"));
    };
    let now = Point { time: Timestamp::now(), of: of.to_owned(), name, bytes };
    Ok(Growth::of(&history::add(directory, &now)?, &now))
}

impl Growth {
    fn of(points: &[Point], now: &Point) -> Self {
        let age = |point: &Point| now.time.duration_since(point.time);
        let since = |most: SignedDuration| {
            let point = points.iter().find(|point| age(point) <= most)?;
            let bytes = Number::of(now.bytes).0 - Number::of(point.bytes).0;
            (age(point) >= LEAST).then(|| Rate { bytes, time: age(point) })
        };
        let long = since(REMEMBERED);
        let day = since(DAY).filter(|day| long.is_some_and(|long| long.time > day.time));
        Self { day, long, known: points.first().map(age).unwrap_or_default() }
    }

    /// In words that follow the name of what grows.
    fn told(&self) -> String {
        let Some(long) = self.long else {
            let time = human::seconds(self.known.as_secs_f64());
            return format!("has been measured for {time}: how it grows can be told after an hour");
        };
        let lately = self.day.map(|day| format!(", in the last day {}", signed(day.bytes)));
        let (time, a_day) = (human::seconds(long.time.as_secs_f64()), signed(long.a_day()));
        format!("went by {} in {time}, {a_day} a day{}", signed(long.bytes), lately.unwrap_or_default())
    }
}

impl Rate {
    fn a_day(self) -> f64 {
        self.bytes / self.time.as_secs_f64() * 86400.0
    }
}

/// Bytes with a sign, as a difference has one.
fn signed(bytes: f64) -> String {
    let shown = Unit::Bytes.show(bytes);
    if bytes < 0.0 { shown } else { format!("+{shown}") }
}
