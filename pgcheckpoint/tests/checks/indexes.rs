use super::{database, flags, look, quiet};

#[test]
fn an_index_that_a_failed_build_left_behind_is_critical() {
    let database = database();
    database.run("CREATE TABLE t (id int); INSERT INTO t VALUES (1), (1)");
    quiet(&database, "indexes.invalid", &[]);
    let build = database
        .cluster()
        .client("psql", database.name())
        .args(["-Xqc", "CREATE UNIQUE INDEX CONCURRENTLY \"My index\" ON t (id)"])
        .output();
    assert!(!build.unwrap().status.success());
    let said = flags(&database, "indexes.invalid", &[], "crit", "\"public\".\"My index\"");
    assert!(
        said["hint"].as_str().unwrap().contains("DROP INDEX CONCURRENTLY \"public\".\"My index\""),
        "{said}"
    );
    // What the hint says helps.
    database.run("DROP INDEX CONCURRENTLY \"public\".\"My index\"");
    quiet(&database, "indexes.invalid", &[]);
}

#[test]
fn the_index_of_a_partitioned_table_whose_partitions_lack_it_is_no_failure() {
    let database = database();
    database.run("CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9); CREATE INDEX ON ONLY p (id)");
    quiet(&database, "indexes.invalid", &[]);
}

#[test]
fn indexes_that_say_the_same_are_told_and_the_one_that_guarantees_something_stays() {
    let database = database();
    database.run("CREATE TABLE t (id int PRIMARY KEY, a int, b int); CREATE INDEX one ON t (a, b); CREATE INDEX two ON t (b, a)");
    quiet(&database, "indexes.duplicate", &[]);
    quiet(&database, "indexes.redundant", &[]);
    database.run("CREATE INDEX again ON t (id)");
    let said = flags(&database, "indexes.duplicate", &[], "info", "\"again\"");
    assert!(said["message"].as_str().unwrap().contains("t_pkey"), "{said}");
    database.run("CREATE INDEX beginning ON t (a)");
    flags(&database, "indexes.redundant", &[], "info", "\"beginning\"");
    // A unique one guarantees what the longer one does not.
    database.run("DROP INDEX beginning; CREATE UNIQUE INDEX beginning ON t (a)");
    quiet(&database, "indexes.redundant", &[]);
}

#[test]
fn no_index_is_called_unused_while_the_statistics_are_young() {
    let database = database();
    database.run("CREATE TABLE t AS SELECT i AS id FROM generate_series(1, 100000) AS i; CREATE INDEX never ON t (id); ANALYZE t");
    let said = look(&database, "indexes.unused", &[]);
    assert_eq!(said[0]["status"], "ok", "{said:?}");
}
