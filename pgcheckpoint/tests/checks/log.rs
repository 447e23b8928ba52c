use super::{comes, eventually, flags, quiet};
use testkit::{Cluster, newest_major};

#[test]
fn errors_in_the_servers_log_are_counted_and_a_crash_is_told() {
    for form in ["csvlog", "jsonlog"] {
        if form == "jsonlog" && newest_major() < 15 {
            continue;
        }
        let settings = [("logging_collector", "on"), ("log_destination", form), ("log_directory", "log")];
        let cluster = Cluster::start(newest_major(), &settings);
        let database = cluster.database("logged");
        let place = cluster.sandbox().data_directory().join("log");
        let log = ["--log", place.to_str().unwrap()];
        quiet(&database, "log.errors", &log);
        quiet(&database, "log.crashes", &log);
        for _ in 0..3 {
            let psql = cluster
                .client("psql", database.name())
                .args(["-Xqc", "SELECT 1 / 0 AS \"a,\"\"b\n\""])
                .output();
            assert!(!psql.unwrap().status.success());
        }
        let mut told = vec!["--warn", "log.errors=3"];
        told.extend(log);
        let said = flags(&database, "log.errors", &told, "warn", "");
        assert!(said["message"].as_str().unwrap().contains("22012 (3)"), "{said}");
        let held = database.hold("BEGIN");
        let pid = database.scalar("SELECT pid FROM pg_stat_activity WHERE state LIKE 'idle in%'");
        let pid = rustix::process::Pid::from_raw(pid.parse().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        let says_so = |file: std::fs::DirEntry| {
            std::fs::read_to_string(file.path()).unwrap_or_default().contains("terminated by signal")
        };
        let logs = || std::fs::read_dir(&place).unwrap();
        eventually("it crashes", || logs().any(|file| says_so(file.unwrap())));
        testkit::Tool::named("pgcheckpoint").arg("ready").database(&database).run().success();
        comes(&database, "log.crashes", &log, "crit");
        drop(held);
    }
}
