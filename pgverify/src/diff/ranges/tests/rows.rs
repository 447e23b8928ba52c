//! Rows that are lost, new and changed: where ranges begin and end, and how many.

use super::{Kind, TINY, Told, compare, compare_with, pair, shape, texts};
use common::throttle;

const NUMBERS: &str = "CREATE TABLE t (id integer PRIMARY KEY, v text); \
     INSERT INTO t SELECT i * 3, 'row ' || i FROM generate_series(-50, 50) i";

#[test]
fn equal_tables_are_equal() {
    let sides = pair(NUMBERS, "", "");
    let shape = shape(&sides, &["id"]);
    let found = compare(&sides, &shape);
    assert!(found.counts.equal() && found.rows.is_empty(), "{found:?}");
}

#[test]
fn any_single_row_that_is_changed_lost_or_new_is_found_wherever_a_range_begins_or_ends() {
    let rows = "INSERT INTO t SELECT i * 3, 'row ' || i FROM generate_series(-15, 15) i";
    let sides = pair(&format!("CREATE TABLE t (id integer PRIMARY KEY, v text); {rows}"), "", "");
    let shape = shape(&sides, &["id"]);
    for id in (-45..=45).step_by(3) {
        let undo = format!("TRUNCATE t; {rows}");
        let kind = match (id / 3) % 3 {
            0 => {
                sides.1.run(&format!("{undo}; UPDATE t SET v = v || '!' WHERE id = {id}"));
                Kind::Changed
            }
            1 => {
                sides.1.run(&format!("{undo}; DELETE FROM t WHERE id = {id}"));
                Kind::Missing
            }
            _ => {
                sides.1.run(&format!("{undo}; INSERT INTO t VALUES ({id} + 1, 'new')"));
                Kind::Extra
            }
        };
        let found = compare(&sides, &shape);
        let key = if kind == Kind::Extra { id + 1 } else { id };
        assert_eq!(found.keys(&shape, kind), [key.to_string()], "{kind:?} {id}: {found:?}");
        assert_eq!(found.rows.len(), 1, "{found:?}");
    }
}

#[test]
fn a_changed_row_comes_with_both_its_versions() {
    let sides = pair(NUMBERS, "", "UPDATE t SET v = E'tab\\t, \\\\ and \\n' WHERE id = 30");
    let shape = shape(&sides, &["id"]);
    let found = compare(&sides, &shape);
    let [row] = found.rows.as_slice() else { panic!("{found:?}") };
    assert_eq!(row.a, Some(texts(&["30", "row 10"])));
    assert_eq!(row.b, Some(texts(&["30", "tab\t, \\ and \n"])));
    assert_eq!(row.columns(), [1]);
}

#[test]
fn an_empty_side_has_all_rows_missing_or_extra() {
    let sides = pair(NUMBERS, "TRUNCATE t", "");
    let shape = shape(&sides, &["id"]);
    assert_eq!(compare(&sides, &shape).counts.extra, 101);
    let turned = (sides.1, sides.0);
    assert_eq!(compare(&turned, &shape).counts.missing, 101);
    turned.0.run("TRUNCATE t");
    assert!(compare(&turned, &shape).counts.equal());
}

#[test]
fn rows_beyond_the_ends_of_the_other_side_and_in_its_gaps_are_found() {
    let sides = pair(
        NUMBERS,
        "",
        "INSERT INTO t SELECT i, 'gap' FROM generate_series(31, 32) i; \
         INSERT INTO t SELECT i, 'low' FROM generate_series(-1000, -151) i; \
         INSERT INTO t SELECT i, 'high' FROM generate_series(151, 1000) i",
    );
    let shape = shape(&sides, &["id"]);
    let found = compare(&sides, &shape);
    assert_eq!((found.counts.extra, found.rows.len()), (1702, 1702));
    let turned = (sides.1, sides.0);
    assert_eq!(compare(&turned, &shape).counts.missing, 1702);
}

#[test]
fn when_all_rows_differ_all_are_told() {
    let sides = pair(NUMBERS, "", "UPDATE t SET v = 'x'");
    let shape = shape(&sides, &["id"]);
    let found = compare(&sides, &shape);
    assert_eq!((found.counts.changed, found.rows.len()), (101, 101));
}

#[test]
fn values_swapped_between_rows_differ() {
    let both = "CREATE TABLE t (id integer PRIMARY KEY, a bigint, b bigint, c timestamptz); \
                INSERT INTO t SELECT i, i, 1000 - i, timestamptz 'epoch' + i * interval '1 day' FROM generate_series(1, 60) i";
    let swap = "UPDATE t SET a = CASE a WHEN 7 THEN 8 ELSE 7 END WHERE id IN (7, 8); \
                UPDATE t SET a = b, b = a WHERE id = 40; \
                UPDATE t x SET c = y.c FROM t y WHERE (x.id, y.id) IN ((20, 21), (21, 20))";
    let sides = pair(both, "", swap);
    let shape = shape(&sides, &["id"]);
    assert_eq!(compare(&sides, &shape).keys(&shape, Kind::Changed), ["20", "21", "40", "7", "8"]);
}

#[test]
fn a_key_that_is_less_unique_than_it_should_be_loses_no_row() {
    // What a broken index does can be had without one: the engine asks for no uniqueness, and order is all it needs.
    let both = "CREATE TABLE t (id integer NOT NULL, v text); CREATE INDEX ON t (id); \
                INSERT INTO t SELECT i / 5, 'v' || i % 2 FROM generate_series(0, 99) i";
    let sides = pair(
        both,
        "",
        "INSERT INTO t VALUES (7, 'v0'); DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t WHERE id = 9)",
    );
    let shape = shape(&sides, &["id"]);
    let found = compare(&sides, &shape);
    assert_eq!((found.counts.missing, found.counts.extra, found.counts.changed), (1, 1, 0), "{found:?}");
    assert_eq!(found.keys(&shape, Kind::Extra), ["7"]);
    assert_eq!(found.keys(&shape, Kind::Missing), ["9"]);
}

#[test]
fn whoever_has_heard_enough_hears_no_more() {
    let sides = pair(NUMBERS, "", "UPDATE t SET v = 'x'");
    let shape = shape(&sides, &["id"]);
    let sink = Told { enough_after: Some(1), ..Told::default() };
    let (counts, _) = compare_with(&sides, &shape, TINY, &sink, throttle::Limits::default()).unwrap();
    assert!(counts.changed >= 1 && counts.a_rows < 101, "{counts:?}");
}
