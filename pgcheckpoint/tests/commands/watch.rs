use super::{command, database};
use testkit::Tool;

#[test]
fn changes_are_told_as_they_happen_and_the_worst_decides() {
    let database = database();
    let watched = command("watch", &database).args([
        "sequences.used",
        "schema.not_valid_constraint",
        "--every",
        "0.2s",
        "--for",
        "20s",
    ]);
    let watched = watched.start();
    // A round has been made when its session has been seen to look.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    database.run("CREATE SEQUENCE s MAXVALUE 100; SELECT setval('s', 99)");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    database.run("DROP SEQUENCE s");
    let seen = watched.finish().exit(1).says("not healthy");
    let changes: Vec<_> = seen.records_of("change").iter().map(|change| change["change"].clone()).collect();
    assert_eq!(changes, ["new", "gone"], "{seen}");
    assert_eq!(seen.result()["worst"], "crit", "it was, though it is not any more");
    assert!(seen.result()["rounds"].as_u64().unwrap() > 2, "{seen}");
}

#[test]
fn a_quiet_time_ends_well_and_what_is_bad_at_first_is_told() {
    let database = database();
    command("watch", &database).args(["sequences.used", "--every", "0.1s", "--for", "0.5s"]).run().success();
    let bad = command("watch", &database)
        .args(["connections.limit", "--crit", "connections.limit=1", "--every", "0.1s", "--for", "0.3s"])
        .run()
        .exit(1);
    assert_eq!(bad.records_of("check").len(), 1, "{bad}");
    let gone = Tool::named("pgcheckpoint")
        .args(["watch", "-d", "host=/nowhere", "--every", "0.1s", "--for", "0.3s"])
        .run()
        .exit(1);
    assert_eq!(gone.records_of("check").len(), 1, "said once: {gone}");
    command("watch", &database).args(["--every", "0s"]).run().exit(2).says("at least 100 ms");
}

#[test]
fn it_stops_when_it_is_told_to_and_sums_up() {
    let database = database();
    let mut watched = command("watch", &database).args(["locks", "--every", "0.2s", "--for", "1h"]).start();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert!(watched.is_running());
    watched.signal(rustix::process::Signal::TERM);
    let seen = watched.finish().exit(143);
    assert!(seen.result()["rounds"].as_u64().unwrap() >= 1, "{seen}");
}
