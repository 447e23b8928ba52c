//! Many tables, many large objects, much data: it works, and pgsnap itself stays small.

use crate::compare::same_content;
use crate::corpus::Schema;
use crate::store::{Store, valid};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use testkit::{Cluster, Outcome, Tool, is_long, newest_major};

/// What a run may hold of memory.
const LIMIT_KB: u64 = 100 << 10;

/// What takes all processors is done one after another.
fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a tool to its end, and tells the most memory it held, in kB.
fn measured(tool: Tool) -> (Outcome, u64) {
    let mut started = tool.start();
    let status = format!("/proc/{}/status", started.pid());
    let mut peak = 0;
    while started.is_running() {
        // Gone when it ends in this moment; the peak so far is what it was shortly before.
        let said = std::fs::read_to_string(&status).unwrap_or_default();
        let line = said.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kb: Option<u64> = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(kb.unwrap_or_default());
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(peak > 0, "nobody could look at its memory");
    (started.finish(), peak)
}

#[test]
fn ten_thousand_tables_come_back() {
    if !is_long() {
        drop(writeln!(std::io::stderr(), "SKIPPED: ten thousand tables are for scripts/test --all"));
        return;
    }
    let _alone = alone();
    let cluster = Cluster::shared(newest_major());
    let original = Schema::named("big_10000_tables").make(&cluster);
    let store = Store::new();
    let (created, peak) = measured(store.create(&original));
    let snapshot = store.taken(created);
    assert_eq!(snapshot.number("tables"), 10_000);
    assert!(peak < LIMIT_KB, "create held {peak} kB");
    let copy = cluster.existing("ten thousand");
    let (restored, peak) = measured(store.restore(&snapshot, &copy).arg("--create"));
    drop(crate::store::proved(restored));
    assert!(peak < LIMIT_KB, "restore held {peak} kB");
    same_content(&snapshot.manifest, &store.take(&copy).manifest, &[], &BTreeSet::new());
}

#[test]
fn a_lock_table_that_is_too_small_is_told_with_the_way_out() {
    let cluster = Cluster::start(
        newest_major(),
        &[("max_locks_per_transaction", "10"), ("max_connections", "20"), ("max_prepared_transactions", "0")],
    );
    let original = cluster.database("many");
    // One transaction each: making them all at once would need as many locks.
    let tables: Vec<_> = (0..1200).map(|number| format!("CREATE TABLE t{number} (a int);")).collect();
    original.run(&tables.join("\n"));
    let store = Store::new();
    drop(valid(store.create(&original).run()).exit(3).says("1200").says("max_locks_per_transaction"));
    assert_eq!(store.snapshots(), Vec::<String>::new());
}

#[test]
fn many_large_objects_come_back() {
    let _alone = alone();
    let cluster = Cluster::shared(newest_major());
    let original = cluster.database("objects");
    let count = if is_long() { 1_000_000 } else { 60_000 };
    for first in (1..=count).step_by(20_000) {
        original.run(&format!(
            "SELECT count(lo_from_bytea((100000 + i)::oid, convert_to('object ' || i, 'UTF8'))) FROM generate_series({first}, {}) i",
            first + 19_999
        ));
    }
    original.run("SELECT lo_from_bytea(50, decode(repeat(md5('x'), 500000), 'hex'))");
    let store = Store::new();
    let (created, peak) = measured(store.create(&original));
    let snapshot = store.taken(created);
    assert_eq!(snapshot.outcome.record("large_objects")["count"], count + 1);
    let (restored, peak_of_restore) =
        measured(store.restore(&snapshot, &cluster.existing("objects copy")).arg("--create"));
    drop(crate::store::proved(restored));
    assert!(
        peak < LIMIT_KB && peak_of_restore < LIMIT_KB,
        "create held {peak} kB, restore {peak_of_restore} kB"
    );
}

#[test]
fn memory_does_not_grow_with_the_data() {
    let _alone = alone();
    let cluster = Cluster::shared(newest_major());
    let original = cluster.database("much");
    // 230 MB of COPY text, and one row that is large by itself.
    original.run(
        "CREATE TABLE much (id bigint, v text); ALTER TABLE much ALTER v SET STORAGE EXTERNAL;
         INSERT INTO much SELECT i, repeat(md5(i::text), 36) FROM generate_series(1, 200000) i;
         CREATE TABLE wide (v text); INSERT INTO wide VALUES (repeat('0123456789', 800000))",
    );
    let store = Store::new();
    let (created, peak) = measured(store.create(&original).args(["-j", "4"]));
    let snapshot = store.taken(created);
    assert!(snapshot.number("bytes") > 200 << 20, "{}", snapshot.outcome);
    assert!(peak < LIMIT_KB, "create held {peak} kB");
    let copy = cluster.existing("much copy");
    let (restored, peak) = measured(store.restore(&snapshot, &copy).args(["--create", "-j", "4"]));
    drop(crate::store::proved(restored));
    assert!(peak < LIMIT_KB, "restore held {peak} kB");
    let analyzed = "SELECT reltuples > 0 FROM pg_class WHERE relname = 'much'";
    assert_eq!(copy.scalar(analyzed), "t", "statistics");
}
