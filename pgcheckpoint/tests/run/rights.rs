use super::run;
use testkit::{Cluster, majors};

#[test]
fn a_plain_login_is_told_which_grant_is_missing_and_pg_monitor_sees_nearly_all() {
    for major in majors() {
        let cluster = Cluster::shared(major);
        let database = cluster.database("rights");
        database.run("CREATE TABLE t (id serial PRIMARY KEY)");
        database.run("DO $$ BEGIN CREATE ROLE \"a plain one\" LOGIN; CREATE ROLE watcher LOGIN IN ROLE pg_monitor; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        let as_role = |role: &str| database.connection().replace("user=postgres", &format!("user='{role}'"));
        let everything = ["--skip", "settings.dangerous", "--skip", "availability.end_of_life"];
        let tool = |role: &str| {
            testkit::Tool::named("pgcheckpoint").arg("run").args(everything).arg("-d").arg(as_role(role))
        };

        let plain = tool("a plain one").run().exit(3).says("could not be told");
        let unknown: Vec<_> =
            plain.records_of("check").into_iter().filter(|check| check["status"] == "unknown").collect();
        assert!(unknown.len() > 8, "{plain}");
        for check in &unknown {
            let hint = check["hint"].as_str().unwrap_or_default();
            assert!(hint.starts_with("GRANT ") && hint.contains("\"a plain one\""), "which right? {check}");
        }
        // What it may see, it tells all the same.
        let known = |name: &str| {
            plain
                .records_of("check")
                .iter()
                .any(|check| check["check"] == name && check["status"] != "unknown")
        };
        assert!(
            known("indexes.invalid")
                && known("vacuum.wraparound")
                && known("schema.foreign_key_without_index")
        );

        let mut seen = tool("watcher").run();
        assert_eq!(seen.code(), 3, "{seen}");
        let mut names: Vec<_> = seen
            .records_of("check")
            .into_iter()
            .filter(|check| check["status"] == "unknown")
            .map(|check| check["check"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        let denied = [
            "security.hba_trust",
            "sequences.behind",
            "sequences.used",
            "settings.file_errors",
            "settings.hba_errors",
        ];
        // Before 14, nobody but superusers may see which subscriptions are enabled.
        names.retain(|name| major >= 14 || name != "replication.subscription");
        assert_eq!(names, denied, "PostgreSQL {major}: {seen}");
        // Who does not want to give a right does without the check, as the error says.
        let skips = seen.stderr();
        let skips = skips.lines().find_map(|line| line.split_once("without these checks: ")).unwrap().1;
        tool("watcher").args(skips.split_whitespace()).run().exit(0);

        // What the hints say helps.
        for check in seen.records_of("check").iter().filter(|check| check["status"] == "unknown") {
            database.run(check["hint"].as_str().unwrap());
        }
        let seen = tool("watcher").run().exit(0);
        assert_eq!(seen.result()["unknown"], 0, "{seen}");
        database
            .run("DROP OWNED BY watcher; DROP OWNED BY \"a plain one\"; DROP ROLE watcher, \"a plain one\"");
    }
}

#[test]
fn what_is_unknown_counts_as_it_is_told_to() {
    let cluster = Cluster::shared(testkit::newest_major());
    let database = cluster.database("unknown");
    database.run("CREATE ROLE stranger LOGIN");
    let connection = database.connection().replace("user=postgres", "user=stranger");
    let tool = |as_what: &str| {
        testkit::Tool::named("pgcheckpoint").args([
            "run",
            "wal.size",
            "-d",
            &connection,
            "--unknown-as",
            as_what,
        ])
    };
    tool("ok").run().success();
    tool("unknown").run().exit(3);
    tool("crit").run().exit(1);
    database.run("DROP ROLE stranger");
    run(&database, &["wal.size"]).run().success();
}
