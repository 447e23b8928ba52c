use super::{comes, database, eventually, flags, look, quiet};
use testkit::{Cluster, Tool, majors, newest_major};

#[test]
fn connecting_is_measured_and_a_server_that_is_not_there_is_critical() {
    let database = database();
    let said = look(&database, "availability.connect", &[]);
    assert!(said[0]["value"].as_f64().unwrap() > 0.0, "{said:?}");
    let run =
        Tool::named("pgcheckpoint").args(["run", "-d", "host=/no/such/directory dbname=x"]).run().exit(1);
    let said = run.record("check");
    assert_eq!((&said["check"], &said["status"]), (&"availability.connect".into(), &"crit".into()), "{run}");
}

#[test]
fn who_is_not_let_in_cannot_tell_whether_the_server_is_well() {
    let database = database();
    let stranger = database.connection().replace("user=postgres", "user=nobody_at_all");
    let run = Tool::named("pgcheckpoint").args(["run", "-d", &stranger]).run().exit(3);
    assert_eq!(run.record("check")["status"], "unknown", "{run}");
}

#[test]
fn a_server_that_was_just_started_is_worth_a_look() {
    let database = database();
    let told = ["--warn", "availability.uptime=30d"];
    let said = flags(&database, "availability.uptime", &told, "warn", "");
    assert_eq!(said["bad"], "below");
    quiet(&database, "availability.uptime", &["--warn", "availability.uptime=0s"]);
}

#[test]
fn a_server_that_came_back_from_a_crash_says_so() {
    let cluster = Cluster::start(newest_major(), &[]);
    let database = cluster.database("crash");
    quiet(&database, "availability.crash_restart", &[]);
    // What comes back sooner may just have been slow to start.
    eventually("it has been up for a while", || {
        database.scalar("SELECT clock_timestamp() - pg_postmaster_start_time() > interval '6 s'") == "t"
    });
    let held = database.hold("BEGIN");
    let pid = database.scalar("SELECT pid FROM pg_stat_activity WHERE state LIKE 'idle in%'");
    let pid = rustix::process::Pid::from_raw(pid.parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    Tool::named("pgcheckpoint").args(["ready", "--write"]).database(&database).run().success();
    comes(&database, "availability.crash_restart", &[], "warn");
    drop(held);
}

#[test]
fn versions_that_get_no_fixes_and_forgotten_minor_releases_are_told() {
    for major in majors() {
        let database = Cluster::shared(major).database("old");
        let said = look(&database, "availability.end_of_life", &[]);
        assert_eq!(
            said[0]["status"] == "ok",
            said[0]["value"].as_f64().unwrap() > 180.0 * 86400.0,
            "{said:?}"
        );
        let check = "availability.minor_version";
        flags(&database, "availability.minor_version", &["--warn", &format!("{check}=0")], "warn", "");
        let far = [format!("{check}=99"), format!("{check}=99")];
        quiet(&database, "availability.minor_version", &["--warn", &far[0], "--crit", &far[1]]);
        let soon = "availability.end_of_life=-30000d";
        quiet(&database, "availability.end_of_life", &["--warn", soon]);
        let far = "availability.end_of_life=30000d";
        flags(&database, "availability.end_of_life", &["--warn", far], "warn", "");
    }
}

#[test]
fn clocks_that_differ_are_told() {
    let database = database();
    quiet(&database, "availability.clock_skew", &[]);
    flags(&database, "availability.clock_skew", &["--crit", "availability.clock_skew=0s"], "crit", "");
}

#[test]
fn pages_without_checksums_are_worth_knowing() {
    // The servers of the tests have none.
    let database = database();
    flags(&database, "availability.checksums", &[], "info", "");
    quiet(&database, "availability.checksum_failures", &[]);
}
