//! What was measured before: a directory with a small file for each database and file system, which every run with
//! `--history` adds to. Knows no server.
//!
//! What must hold: a file is replaced as a whole, under a lock, so that runs at the same time lose nothing; it stays
//! small, however often runs are made; what is no history is never overwritten.

use crate::file::Staged;
use crate::run::deadline;
use common::error::{Class, Context, Error, Result};
use common::format::id::BlockId;
use jiff::{SignedDuration, Timestamp};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::fs::{DirBuilder, File};
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long something is remembered.
pub(crate) const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 35);

/// Up to this age, one point in so much time is kept.
const KEPT: [(SignedDuration, SignedDuration); 3] = [
    (SignedDuration::from_hours(48), SignedDuration::from_mins(10)),
    (SignedDuration::from_hours(24 * 8), SignedDuration::from_hours(1)),
    (REMEMBERED, SignedDuration::from_hours(24)),
];

/// How much something took at a moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Point {
    /// When.
    #[serde(with = "rfc3339")]
    pub(crate) time: Timestamp,
    /// What kind of thing: `database`, `disk`.
    pub(crate) of: String,
    /// Its name, with what tells it from others of that name.
    pub(crate) name: String,
    /// How much it took.
    pub(crate) bytes: u64,
}

/// Moments as records write them.
mod rfc3339 {
    use jiff::Timestamp;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{time:.3}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// Remembers `point`; gives what was known of the same thing before, oldest first.
pub(crate) fn add(directory: &Path, point: &Point) -> Result<Vec<Point>> {
    let cannot = || format!("cannot write {}", directory.display());
    DirBuilder::new().recursive(true).mode(0o700).create(directory).context(cannot)?;
    let _turn = Turn::take(directory)?;
    let path = file(directory, point);
    let mut points = read(&path, point)?;
    let known = points.clone();
    points.push(point.clone());
    let (staged, mut written) = Staged::begin(&path)?;
    for point in thinned(points, point.time) {
        let line = serde_json::to_string(&point).map_err(|error| {
            Error::failed("internal", "a point of history cannot be written").cause(error.to_string())
        })?;
        writeln!(written, "{line}").context(cannot)?;
    }
    staged.commit()?;
    Ok(known)
}

/// Names may hold any character, and paths may be long.
fn file(directory: &Path, point: &Point) -> PathBuf {
    let id = BlockId::of(point.name.as_bytes()).to_string();
    directory.join(format!("{}-{}.jsonl", point.of, id.get(..16).unwrap_or(&id)))
}

/// What a file holds of the same thing as `point`. What claims to be from the future is of a clock that was wrong.
fn read(path: &Path, point: &Point) -> Result<Vec<Point>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io(format!("cannot read {}", path.display()), &error)),
    };
    let mut points = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let read: Point = serde_json::from_str(line).map_err(|error| {
            Error::failed("damaged", format!("{} is no history, in line {}", path.display(), number + 1))
                .cause(error.to_string())
                .hint("move it away: a new one is begun")
        })?;
        if read.of == point.of && read.name == point.name && read.time <= point.time {
            points.push(read);
        }
    }
    points.sort_by_key(|point| point.time);
    Ok(points)
}

/// The points that are kept, oldest first: the older, the fewer.
fn thinned(points: Vec<Point>, now: Timestamp) -> Vec<Point> {
    let slot = |point: &Point| {
        let age = now.duration_since(point.time);
        let (_, every) = KEPT.iter().find(|(most, _)| age <= *most)?;
        Some((*every, point.time.as_second().div_euclid(every.as_secs())))
    };
    let newest = points.last().cloned();
    let mut kept: Vec<Point> = Vec::new();
    let mut last = None;
    for point in points {
        let slot = slot(&point);
        if slot.is_some() && slot != last {
            last = slot;
            kept.push(point);
        }
    }
    // The next run may have to tell what has happened since this one.
    if let Some(newest) = newest.filter(|newest| kept.last() != Some(newest)) {
        kept.push(newest);
    }
    kept
}

/// The right to write to the directory; given back by its end, or that of the process.
struct Turn(#[expect(dead_code, reason = "it is held, not used")] File);

impl Turn {
    fn take(directory: &Path) -> Result<Self> {
        let shown = directory.display();
        let file = File::open(directory).context(|| format!("cannot read {shown}"))?;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Self(file)),
                Err(rustix::io::Errno::WOULDBLOCK) if !deadline::reached() => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(error) => {
                    let error = Error::io(format!("cannot lock {shown}"), &error.into());
                    return Err(error.class_is(Class::Failed));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(hours: i64, bytes: u64) -> Point {
        let time = Timestamp::from_second(1_800_000_000 - hours * 3600).unwrap();
        Point { time, of: "database".into(), name: "d".into(), bytes }
    }

    #[test]
    fn the_older_the_fewer_and_the_newest_is_always_kept() {
        let all: Vec<Point> = (0..24 * 60).rev().map(|hours| point(hours, 1)).collect();
        let kept = thinned(all.clone(), point(0, 1).time);
        assert_eq!(kept.last(), all.last());
        assert!((200..260).contains(&kept.len()), "{}", kept.len());
        assert!(kept.windows(2).all(|pair| pair[0].time < pair[1].time));
        let oldest = point(0, 1).time.duration_since(kept[0].time);
        assert!(oldest <= REMEMBERED && oldest > SignedDuration::from_hours(24 * 33));
        assert_eq!(thinned(kept.clone(), point(0, 1).time), kept, "what is thin stays as it is");
    }
}
