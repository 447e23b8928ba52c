use super::{database, run};
use std::time::{Duration, Instant};
use testkit::{Cluster, Tool, newest_major};

#[test]
fn locks_on_every_table_neither_stop_it_nor_are_passed_over() {
    let database = database();
    database.run("CREATE TABLE far (id serial PRIMARY KEY); CREATE TABLE near (id serial PRIMARY KEY, f int REFERENCES far); CREATE INDEX ON near (f) WHERE f IS NOT NULL; INSERT INTO far DEFAULT VALUES");
    let _held = database.hold("BEGIN; LOCK TABLE far, near IN ACCESS EXCLUSIVE MODE");
    let mut seen =
        run(&database, &["--skip", "settings.dangerous", "--timeout", "60s", "--lock-timeout", "50ms"]).run();
    assert_eq!(seen.code(), 3, "{seen}");
    let unknown: Vec<_> =
        seen.records_of("check").into_iter().filter(|check| check["status"] == "unknown").collect();
    assert!(!unknown.is_empty() && unknown.len() < 6, "{unknown:#?}");
    for check in &unknown {
        assert!(check["message"].as_str().unwrap().contains("lock"), "{check}");
    }
    assert!(unknown.iter().any(|check| check["check"] == "sequences.behind"), "{unknown:#?}");
    assert!(seen.result()["checks"].as_u64().unwrap() > 55, "the others are made: {seen}");
}

#[test]
fn a_run_ends_at_its_deadline_also_when_the_server_does_not_answer() {
    let cluster = Cluster::start(newest_major(), &[]);
    let database = cluster.database("frozen");
    let postmaster =
        rustix::process::Pid::from_raw(cluster.sandbox().postmaster_pid().try_into().unwrap()).unwrap();
    rustix::process::kill_process(postmaster, rustix::process::Signal::STOP).unwrap();
    let begun = Instant::now();
    let mut seen = run(&database, &["--timeout", "1s"]).run();
    rustix::process::kill_process(postmaster, rustix::process::Signal::CONT).unwrap();
    assert_eq!(seen.code(), 1, "{seen}");
    assert_eq!(seen.record("check")["check"], "availability.connect");
    assert!(seen.record("check")["message"].as_str().unwrap().starts_with("no answer before"), "{seen}");
    assert!(begun.elapsed() < Duration::from_mins(1), "a minute for a second");
}

#[test]
fn a_check_that_takes_too_long_is_unknown_and_the_next_is_made() {
    let database = database();
    database.run("CREATE TABLE t (id serial PRIMARY KEY)");
    let _held = database.hold("BEGIN; LOCK TABLE t");
    let limits = ["--statement-timeout", "200ms", "--lock-timeout", "60s"];
    let seen = run(&database, &["sequences.behind", "vacuum.wraparound"]).args(limits).run().exit(3);
    let said = seen.records_of("check");
    let states = (&said[0]["status"], &said[1]["status"]);
    assert_eq!(states, (&"unknown".into(), &"ok".into()), "{seen}");
    assert!(said[0]["message"].as_str().unwrap().contains("longer than 200 ms"), "{seen}");
    // Nothing is left to do when the run is over before it began.
    let over = run(&database, &["--timeout", "0s"]).run().exit(3).says("could not be told");
    assert!(over.record("check")["message"].as_str().unwrap().contains("had to end"), "{over}");
}

#[test]
fn runs_do_not_pile_up() {
    let database = database();
    let _held = database.hold("SELECT pg_advisory_lock(8099005376193621104)");
    run(&database, &["connections.limit"]).run().exit(4).says("another pgcheckpoint is at work");
}

#[test]
fn nothing_is_written_and_nothing_stays() {
    let database = database();
    let before = database.dump_text();
    run(&database, &["--skip", "settings.dangerous"]).run().exit(0);
    assert_eq!(before, database.dump_text());
    assert_eq!(database.scalar("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgcheckpoint' AND datname = current_database()"), "0");
}

#[test]
fn a_password_is_never_shown() {
    let shown = Tool::named("pgcheckpoint")
        .args(["run", "-d", "host=/nowhere password=hunter2 dbname=x"])
        .run()
        .exit(1);
    shown.hides("hunter2");
}
