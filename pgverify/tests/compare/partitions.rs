//! Sets of partitions that are not the same on both sides.

use crate::kit::{compare, rows, two};

fn partitioned(partitions: &str) -> String {
    format!(
        "CREATE TABLE r (id int, at int, v text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at); {partitions} \
         INSERT INTO r SELECT g, g, 'v' || g FROM generate_series(1, 99) g"
    )
}

const THREE: &str = "CREATE TABLE p1 PARTITION OF r FOR VALUES FROM (0) TO (34); CREATE TABLE p2 PARTITION OF r FOR VALUES FROM (34) TO (67); \
                     CREATE TABLE p3 PARTITION OF r FOR VALUES FROM (67) TO (100);";
const TWO: &str = "CREATE TABLE p1 PARTITION OF r FOR VALUES FROM (0) TO (50); CREATE TABLE q PARTITION OF r FOR VALUES FROM (50) TO (100);";

#[test]
fn the_same_partitions_are_compared_each_by_itself() {
    let (a, b) = two("same", &partitioned(THREE), &partitioned(THREE));
    let outcome = compare(&a, &b, &["-a", "--rows"]).success();
    assert_eq!(outcome.records_of("table").len(), 3);
}

#[test]
fn other_partitions_are_compared_as_one_set_of_rows() {
    let (a, b) = two("other", &partitioned(THREE), &partitioned(TWO));
    for arguments in [&["-a"][..], &["-a", "--rows"]] {
        let outcome = compare(&a, &b, arguments).success();
        let table = outcome.record("table");
        assert_eq!(
            (&table["table"], &table["whole"], &table["a_rows"]),
            (&"r".into(), &true.into(), &99.into())
        );
    }
    b.run("UPDATE r SET v = 'other' WHERE id = 77; DELETE FROM r WHERE id = 3");
    let outcome = compare(&a, &b, &["-a", "--rows"]).exit(1);
    assert_eq!(
        rows(&outcome),
        [r#"missing {"at":"3","id":"3"} []"#, r#"changed {"at":"77","id":"77"} ["v"]"#]
    );
    assert_eq!(outcome.record("table")["key"], "id, at");
}

#[test]
fn a_partitioned_table_may_be_a_plain_one_on_the_other_side() {
    let plain = "CREATE TABLE r (id int, at int, v text, PRIMARY KEY (id, at)); INSERT INTO r SELECT g, g, 'v' || g FROM generate_series(1, 99) g";
    let (a, b) = two("plain", &partitioned(THREE), plain);
    compare(&a, &b, &["-a"]).success();
    let (a, b) = two("plain", plain, &partitioned(TWO));
    b.run("DELETE FROM r WHERE id = 4");
    let outcome = compare(&a, &b, &["-a", "--rows"]).exit(1);
    assert_eq!(rows(&outcome), [r#"missing {"at":"4","id":"4"} []"#]);
}

#[test]
fn a_partition_that_was_detached_is_missed_in_its_table() {
    let (a, b) = two("detached", &partitioned(THREE), &partitioned(THREE));
    b.run("ALTER TABLE r DETACH PARTITION p2");
    let outcome = compare(&a, &b, &["-a"]).exit(1);
    let mut verdicts: Vec<_> = outcome
        .records_of("table")
        .iter()
        .map(|table| format!("{} {}", table["table"], table["verdict"]))
        .collect();
    verdicts.sort();
    assert_eq!(verdicts, [r#""p2" "only_b""#, r#""r" "differs""#]);
}

#[test]
fn children_that_inherit_are_tables_of_their_own() {
    let made = "CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent); \
                INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2)";
    let (a, b) = two("inherits", made, made);
    let outcome = compare(&a, &b, &["-a"]).success();
    assert_eq!(outcome.result()["found_rows"], 2);
    b.run("DELETE FROM ONLY parent; INSERT INTO child VALUES (1)");
    let outcome = compare(&a, &b, &["-a", "--rows"]).exit(1);
    assert_eq!(outcome.records_of("row").len(), 2);
}
