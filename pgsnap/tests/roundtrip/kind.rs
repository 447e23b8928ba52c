//! What `create` does for the sake of others: a rate, fewer readers while others wait, a standby's replay that stands still.

use crate::store::{Store, connection_of, valid};
use rustix::process::Signal;
use testkit::{Beside, Cluster, Database, Outcome, newest_major};

/// Four tables of a megabyte each.
fn filled(cluster: &std::sync::Arc<Cluster>, name: &str) -> Database {
    filled_with(cluster, name, 4000)
}

fn filled_with(cluster: &std::sync::Arc<Cluster>, name: &str, rows: u32) -> Database {
    let database = cluster.database(name);
    for number in 1..=4 {
        database.run(&format!(
            "CREATE TABLE t{number} AS SELECT i, repeat(md5(i::text), 8) AS filler FROM generate_series(1, {rows}) i"
        ));
    }
    database
}

fn warnings(outcome: &Outcome, code: &str) -> usize {
    outcome.records_of("warning").iter().filter(|warning| warning["code"] == code).count()
}

#[test]
fn a_rate_makes_readers_wait() {
    let original = filled(&Cluster::shared(newest_major()), "rate");
    let store = Store::new();
    let limited = store.taken(store.create(&original).args(["--max-rate", "3M"]).run());
    assert!(limited.number("pauses") >= 3, "{}", limited.outcome);
    let free = store.take(&original);
    assert!(free.outcome.result().get("pauses").is_none(), "{}", free.outcome);
    assert_eq!(limited.manifest.tables, free.manifest.tables);
    store.create(&original).args(["--max-rate", "fast"]).run().exit(2).says("such as 20M");
}

#[test]
fn one_reader_goes_on_while_sessions_of_others_wait() {
    // So much that the others ask while the first one still reads.
    let original = filled_with(&Cluster::shared(newest_major()), "nice", 60_000);
    original.run("CREATE TABLE contended (id int); INSERT INTO contended VALUES (1)");
    let holder = original.hold("BEGIN; UPDATE contended SET id = 2");
    let waiter = Beside::run(&original, "UPDATE contended SET id = 3");
    while original.scalar("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") == "0" {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let store = Store::new();
    let taken = store.taken(store.create(&original).args(["--nice", "-j", "4"]).run());
    assert!(taken.number("pauses") > 0, "{}", taken.outcome);
    assert_eq!(warnings(&taken.outcome, "load"), 1, "{}", taken.outcome);
    assert_eq!(taken.manifest.tables.len(), 5);
    drop(holder);
    assert!(waiter.finish());
}

#[test]
fn replay_stands_still_while_a_standby_is_read_and_goes_on_whatever_ends_it() {
    let primary = Cluster::shared(newest_major());
    let original = filled(&primary, "replay");
    let standby = primary.replica();
    standby.catch_up_with(&primary);
    let copy = standby.existing(original.name());
    let paused = || copy.scalar("SELECT pg_is_wal_replay_paused()") == "t";
    let store = Store::new();
    let slow = |bound: &str| store.create(&copy).args(["--pause-replay", bound, "--max-rate", "500k"]);
    // Told to stop.
    let mut run = slow("10m").start();
    run.wait_until("replay is paused", paused);
    run.signal(Signal::TERM);
    drop(run.finish().exit(143));
    assert!(!paused(), "a signal lets replay go on");
    // Longer than it may.
    let overdue = store.taken(slow("500ms").run());
    assert_eq!(warnings(&overdue.outcome, "replay_resumed"), 1, "{}", overdue.outcome);
    assert!(!paused());
    // Killed.
    let mut run = slow("10m").start();
    run.wait_until("replay is paused", paused);
    run.signal(Signal::KILL);
    drop(run.finish().exit(137));
    assert!(paused(), "nobody was left to let it go on");
    for arguments in [&[][..], &["--pause-replay", "1m"]] {
        let told = store.taken(store.create(&copy).args(arguments).run());
        assert_eq!(warnings(&told.outcome, "replay_paused"), 1, "{}", told.outcome);
    }
    assert!(paused(), "what others have paused stays so");
    copy.run("SELECT pg_wal_replay_resume()");
    // To its end.
    let done = store.taken(store.create(&copy).args(["--pause-replay", "10m"]).run());
    assert!(!paused() && done.outcome.records_of("warning").is_empty(), "{}", done.outcome);
    // A server that replays nothing, a user who may not.
    let of_primary = store.taken(store.create(&original).args(["--pause-replay", "10m"]).run());
    assert_eq!(warnings(&of_primary.outcome, "no_standby"), 1);
    original.run("CREATE ROLE reads_standby LOGIN; GRANT pg_read_all_data TO reads_standby");
    standby.catch_up_with(&primary);
    assert!(connection_of("reads_standby", &copy).contains("reads_standby"));
    let refused = store.create_as("reads_standby", &copy).args(["--pause-replay", "10m"]).run();
    drop(valid(refused).exit(3).says("GRANT EXECUTE ON FUNCTION pg_wal_replay_pause()"));
}
