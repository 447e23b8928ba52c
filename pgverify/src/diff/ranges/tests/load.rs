//! What it costs: bytes on the wire, plans, pauses, memory.

use super::super::face::Face;
use super::super::statements::{Range, Statements};
use super::{Limits, TINY, Told, compare_with, open, pair, shape};
use common::throttle;

const BIG: &str = "CREATE TABLE t (id bigint PRIMARY KEY, a text, b numeric, c timestamptz, d uuid); \
     INSERT INTO t SELECT i, md5(i::text), i * 1.37, timestamptz 'epoch' + i * interval '1 s', md5('u' || i)::uuid FROM generate_series(1, 300000) i; \
     ANALYZE t";

#[test]
fn one_changed_row_of_300_000_costs_a_fiftieth_of_the_table_at_most_and_many_no_more_than_the_table() {
    let sides = pair(BIG, "", "UPDATE t SET a = a || '!' WHERE id = 123456");
    let shape = shape(&sides, &["id"]);
    let bytes: u64 = sides.0.scalar("SELECT 2 * sum(length(t::text)) FROM t").parse().unwrap();
    let read = |changed: u64| {
        let sink = Told::default();
        let (counts, _) =
            compare_with(&sides, &shape, Limits::default(), &sink, throttle::Limits::default()).unwrap();
        assert_eq!(counts.changed, changed);
        assert_eq!((counts.a_rows, counts.b_rows), (300_000, 300_000));
        counts.read_bytes
    };
    let one = read(1);
    assert!(one * 50 < bytes, "{one} of {bytes}");
    sides.1.run("UPDATE t SET a = a || '!' WHERE id % 1000 = 0");
    let some = read(301);
    assert!(some * 5 < bytes, "{some} of {bytes}");
    sides.1.run("UPDATE t SET a = 'other'");
    let all = read(300_000);
    assert!(all < bytes * 3 / 2, "{all} of {bytes}");
}

#[test]
fn each_range_is_read_by_the_index_of_the_key() {
    let both = "CREATE TABLE t (a integer, b text COLLATE \"C\", v text, PRIMARY KEY (a, b)); \
                INSERT INTO t SELECT i / 10, 'x' || i, repeat('v', 50) FROM generate_series(1, 50000) i";
    let sides = pair(both, "", "");
    let shape = shape(&sides, &["a", "b"]);
    let mut session = open(&sides.0)().unwrap();
    session.execute(super::super::INDEXES).unwrap();
    let face = Face::of(&mut session, &shape).unwrap();
    let statements = Statements::new(&shape, &face, &face).unwrap();
    let key = |a: &str, b: &str| Some([a.to_owned(), b.to_owned()].into());
    let range = Range { after: key("100", "x1003"), until: key("700", "x7001") };
    let copy = statements.copy(&range, Some((64, &[3, 5])));
    let rows = copy.strip_prefix("COPY (").unwrap().strip_suffix(") TO STDOUT").unwrap();
    for sql in
        [&statements.walk(&range, 1000), &statements.digest(&range), &statements.buckets(&range, 64), rows]
    {
        let plan = session.query(&format!("EXPLAIN {sql}")).unwrap();
        let plan: String = plan.iter().map(|row| row.text(0).to_owned() + "\n").collect();
        assert!(plan.contains("Index Cond: ((ROW(a, b) > ROW(100, 'x1003'::text)) AND (ROW(a, b) <= ROW(700, 'x7001'::text)))"), "{sql}\n{plan}");
        assert!(!plan.contains("Seq Scan") && !plan.contains("Sort"), "{sql}\n{plan}");
    }
}

#[test]
fn a_rate_that_is_too_low_for_the_table_makes_it_pause() {
    let both = "CREATE TABLE t (id integer PRIMARY KEY, v text); INSERT INTO t SELECT i, repeat('v', 100) FROM generate_series(1, 2000) i";
    let sides = pair(both, "", "");
    let shape = shape(&sides, &["id"]);
    let pauses = |rate| {
        let sink = Told::default();
        let load = throttle::Limits { rate, ..throttle::Limits::default() };
        compare_with(&sides, &shape, TINY, &sink, load).unwrap().1
    };
    assert_eq!(pauses(None), 0);
    assert!(pauses(Some(1_000_000)) > 200, "each range has its price");
}

#[test]
fn it_waits_while_others_are_too_active() {
    let sides =
        pair("CREATE TABLE t (id integer PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 50)", "", "");
    let shape = shape(&sides, &["id"]);
    let load = throttle::Limits { active: Some(0), ..throttle::Limits::default() };
    let busy = sides.0.clone();
    let sleeper = std::thread::spawn(move || busy.run("SELECT pg_sleep(3)"));
    while sides.0.scalar(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(3)%' AND state = 'active'",
    ) == "0"
    {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let (counts, pauses) = compare_with(&sides, &shape, TINY, &Told::default(), load).unwrap();
    assert!(counts.equal() && pauses > 0, "{pauses}");
    sleeper.join().unwrap();
}

#[test]
fn rows_far_wider_than_those_before_are_taken_in_smaller_steps() {
    let both = "CREATE TABLE t (id integer PRIMARY KEY, v text); \
                INSERT INTO t SELECT i, CASE WHEN i % 1000 < 900 THEN 'v' ELSE repeat('wide', 5000) END FROM generate_series(1, 3000) i";
    let sides = pair(both, "", "UPDATE t SET v = v || '!'");
    let shape = shape(&sides, &["id"]);
    let sink = Told::default();
    let limits = Limits { first: 400, most: 1 << 16, bytes: 64 << 10, keep: 100_000, ..Limits::default() };
    let (counts, _) = compare_with(&sides, &shape, limits, &sink, throttle::Limits::default()).unwrap();
    assert_eq!((counts.changed, counts.a_rows, counts.b_rows), (3000, 3000, 3000));
}
