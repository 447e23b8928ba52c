//! A second look at what differed.

use super::{Kind, TINY, Told, compare_with, key_of, open, pair, shape};
use crate::diff::recheck::{Recheck, Settled};
use common::throttle;
use std::sync::atomic::{AtomicBool, Ordering};

const ROWS: &str = "CREATE TABLE t (id integer, s text COLLATE \"C\", v text, PRIMARY KEY (id, s)); \
     INSERT INTO t SELECT i, 'it''s ' || i, 'v' FROM generate_series(1, 500) i";

fn settle(sides: &(testkit::Database, testkit::Database), recheck: &Recheck<'_>) -> Settled {
    let mut settled = recheck.settle(&open(&sides.0), &open(&sides.1), || false).unwrap();
    assert_eq!(settled.len(), 1);
    settled.remove(0)
}

#[test]
fn rows_that_are_equal_by_then_were_in_flight_and_all_others_are_told_as_they_are_then() {
    let sides = pair(
        ROWS,
        "UPDATE t SET v = 'new' WHERE id IN (1, 2, 3); DELETE FROM t WHERE id = 4; INSERT INTO t VALUES (1000, '', 'x'), (1001, '', 'y')",
        "",
    );
    let shape = shape(&sides, &["id", "s"]);
    let told = Told::default();
    let recheck = Recheck::new(&told);
    compare_with(&sides, &shape, TINY, &recheck, throttle::Limits::default()).unwrap();
    assert!(told.rows.lock().unwrap().is_empty());
    sides.1.run("UPDATE t SET v = 'new' WHERE id = 1; UPDATE t SET v = 'third' WHERE id = 2; INSERT INTO t VALUES (1000, '', 'x')");
    sides.0.run("UPDATE t SET v = 'v' WHERE id = 3; DELETE FROM t WHERE id = 1001");
    let settled = settle(&sides, &recheck);
    assert_eq!(settled.in_flight, 4, "1, 3, 1000 and 1001: {settled:?}");
    assert_eq!((settled.lasting.changed, settled.lasting.extra, settled.lasting.missing), (1, 1, 0));
    let mut rows = std::mem::take(&mut *told.rows.lock().unwrap());
    rows.sort_by_key(|row| key_of(&shape, row));
    let kinds: Vec<_> = rows.iter().map(|row| (key_of(&shape, row), row.kind)).collect();
    assert_eq!(kinds, [("2,it's 2".to_owned(), Kind::Changed), ("4,it's 4".to_owned(), Kind::Extra)]);
    assert_eq!(rows[0].b.as_ref().unwrap()[2].as_deref(), Some("third"));
    assert_eq!(recheck.told_at_once(), 0);
}

#[test]
fn a_key_that_a_server_takes_for_another_one_stays_a_difference() {
    let both = "CREATE TABLE t (k numeric PRIMARY KEY, v text); INSERT INTO t SELECT i, 'v' FROM generate_series(1, 20) i";
    let sides = pair(both, "", "UPDATE t SET k = 7.00 WHERE k = 7");
    let shape = shape(&sides, &["k"]);
    let told = Told::default();
    let recheck = Recheck::new(&told);
    compare_with(&sides, &shape, TINY, &recheck, throttle::Limits::default()).unwrap();
    let settled = settle(&sides, &recheck);
    assert_eq!((settled.in_flight, settled.lasting.missing, settled.lasting.extra), (0, 1, 1));
}

/// A writer on A whose changes reach B a moment later, as those of a replica do.
#[test]
fn under_a_writer_that_is_replicated_only_the_lasting_difference_is_told() {
    static OVER: AtomicBool = AtomicBool::new(false);
    let sides = pair(ROWS, "", "UPDATE t SET v = 'lost' WHERE id = 250");
    let shape = shape(&sides, &["id", "s"]);
    let told = Told::default();
    let recheck = Recheck::new(&told);
    let writer = {
        let sides = sides.clone();
        std::thread::spawn(move || {
            for round in 0.. {
                if OVER.load(Ordering::Relaxed) {
                    return;
                }
                let ids = format!("id % 10 = {} AND id <> 250", round % 10);
                sides.0.run(&format!("UPDATE t SET v = 'round {round}' WHERE {ids}"));
                sides.1.run(&format!("UPDATE t SET v = 'round {round}' WHERE {ids}"));
            }
        })
    };
    for _ in 0..5 {
        compare_with(&sides, &shape, TINY, &recheck, throttle::Limits::default()).unwrap();
    }
    OVER.store(true, Ordering::Relaxed);
    writer.join().unwrap();
    Recheck::wait(std::time::Duration::from_millis(10), || false).unwrap();
    let settled = settle(&sides, &recheck);
    let rows = std::mem::take(&mut *told.rows.lock().unwrap());
    assert_eq!(rows.iter().map(|row| key_of(&shape, row)).collect::<Vec<_>>(), ["250,it's 250"]);
    assert_eq!(settled.lasting.changed, 1);
}

#[test]
fn a_wait_ends_when_it_is_to_stop() {
    let stopped = Recheck::wait(std::time::Duration::from_hours(1), || true).unwrap_err();
    assert_eq!(stopped.code(), "interrupted");
}
