//! Snapshots of a standby, and that the source is only read.

use crate::compare::same_content;
use crate::corpus::Schema;
use crate::store::{Store, valid};
use std::collections::BTreeSet;
use testkit::{Cluster, majors, newest_major};

#[test]
fn a_standby_gives_the_same_snapshot_as_its_primary_in_segments() {
    for major in majors() {
        let primary = Cluster::shared(major);
        let original = Schema::named("big_table").make(&primary);
        original.run("CREATE UNLOGGED TABLE passing AS SELECT 1 AS a");
        let standby = primary.replica();
        standby.catch_up_with(&primary);
        let store = Store::new();
        let of_standby =
            store.taken(store.create(&standby.existing(original.name())).args(["-j", "4"]).run());
        assert!(of_standby.manifest.source.standby);
        let skipped = of_standby.outcome.record("skipped");
        assert!(skipped["object"].as_str().unwrap().contains("passing"), "{skipped}");

        let of_primary = store.taken(store.create(&original).args(["-T", "passing"]).run());
        let mut of_standby_manifest = of_standby.manifest.clone();
        of_standby_manifest.tables.retain(|table| table.left_out.is_none());
        same_content(&of_standby_manifest, &of_primary.manifest, &[], &BTreeSet::new());
        // From 14 on a table is read in segments of 4,096 pages, and the same blocks come of it on both.
        let segments = of_standby.manifest.tables.iter().map(|table| table.segments.len()).max().unwrap();
        assert_eq!(segments > 2, major >= 14, "{segments} segments on {major}");
        assert!(
            of_primary.number("blocks_reused") > of_primary.number("blocks_new"),
            "{}",
            of_primary.outcome
        );
        store.copy(&of_standby, &original);
    }
}

#[test]
fn a_standby_takes_no_restore() {
    let primary = Cluster::shared(newest_major());
    let original = primary.database("on_standby");
    original.run("CREATE TABLE t AS SELECT 1 AS a");
    let standby = primary.replica();
    standby.catch_up_with(&primary);
    let store = Store::new();
    let snapshot = store.take(&original);
    let outcome = valid(store.restore(&snapshot, &standby.existing("new")).arg("--create").run());
    drop(outcome.exit(3).says("standby"));
}

#[test]
fn nothing_is_written_on_the_source() {
    // Of its own: others' writing would be seen.
    let cluster = Cluster::start(newest_major(), &[("max_wal_senders", "0"), ("wal_level", "minimal")]);
    let original = cluster.database("only_read");
    original.run(
        "CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 20000) i; CREATE SEQUENCE s; SELECT nextval('s'), lo_from_bytea(5, 'x');
         CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM t; VACUUM ANALYZE; CHECKPOINT; SELECT pg_switch_wal()",
    );
    let postgres = cluster.existing("postgres");
    let written = || {
        postgres.rows(
            "SELECT pg_current_wal_insert_lsn(), txid_snapshot_xmax(txid_current_snapshot()), sum(tup_inserted), sum(tup_updated), sum(tup_deleted), sum(temp_files)
               FROM pg_stat_database WHERE datname = 'only_read_0'",
        )
    };
    // The first to read cleans up after the statements above, and what those did is counted with some delay.
    drop(Store::new().take(&original));
    postgres.run("SELECT pg_sleep(1.5)");
    let before = written();
    drop(Store::new().take(&original));
    postgres.run("SELECT pg_sleep(1.5)");
    assert_eq!(before, written());
    // A role that is not allowed to write anything is enough.
    postgres.run("ALTER DATABASE only_read_0 SET default_transaction_read_only = on");
    drop(Store::new().take(&original));
}
