use super::{database, flags, look, quiet};
use std::time::{Duration, SystemTime};
use testkit::{TempDir, Tool};

#[test]
fn a_snapshot_that_was_restored_and_proved_is_a_backup_and_others_are_not() {
    let database = database();
    database.run("CREATE TABLE t AS SELECT i FROM generate_series(1, 1000) AS i");
    let store = TempDir::new();
    let place = store.path().to_str().unwrap().to_owned();
    let with = ["--store", place.as_str()];
    Tool::pgsnap("create").database(&super::database()).store(store.path()).run().success();
    // Somebody else's snapshot is not ours.
    flags(&database, "backups.snapshot_age", &with, "crit", "");
    Tool::pgsnap("create").database(&database).store(store.path()).run().success();
    quiet(&database, "backups.snapshot_age", &with);
    let old = [&with[..], &["--warn", "backups.snapshot_age=0.001s"]].concat();
    flags(&database, "backups.snapshot_age", &old, "warn", "");
    let said = flags(&database, "backups.verified_age", &with, "crit", "");
    assert!(said["message"].as_str().unwrap().contains("ever restored and proved"), "{said}");
    Tool::named("pgverify")
        .arg("restore")
        .arg(format!("latest:{}", database.name()))
        .store(store.path())
        .run()
        .success();
    quiet(&database, "backups.verified_age", &with);

    database.run("DELETE FROM t WHERE i > 100");
    quiet(&database, "backups.snapshot_size", &with);
    Tool::pgsnap("create").database(&database).store(store.path()).run().success();
    let said = flags(&database, "backups.snapshot_size", &with, "crit", "");
    assert!(said["value"].as_f64().unwrap() < 0.2, "{said}");
}

#[test]
fn dump_files_have_an_age_and_a_size() {
    let database = database();
    let place = TempDir::new();
    let with = ["--dumps", place.path().to_str().unwrap()];
    flags(&database, "backups.dump_age", &with, "crit", "");
    let write = |name: &str, bytes: usize, hours: u64| {
        let path = place.write(name, vec![0; bytes]);
        let when = SystemTime::now() - Duration::from_secs(hours * 3600);
        std::fs::File::options().write(true).open(path).unwrap().set_modified(when).unwrap();
    };
    write("monday.dump", 1000, 60);
    flags(&database, "backups.dump_age", &with, "crit", "");
    quiet(&database, "backups.dump_size", &with);
    write("tuesday.dump", 700, 2);
    quiet(&database, "backups.dump_age", &with);
    let said = flags(&database, "backups.dump_size", &with, "warn", "");
    assert_eq!(said["value"], 0.7);
}

#[test]
fn how_full_a_file_system_is_can_be_seen_of_a_server_on_this_machine() {
    let database = database();
    let said = look(&database, "disk.used", &["--warn", "disk.used=100%", "--crit", "disk.used=100%"]);
    assert_eq!(said[0]["status"], "ok", "{said:?}");
    quiet(&database, "disk.used", &["--warn", "disk.used=100%", "--crit", "disk.used=100%"]);
    let said = flags(&database, "disk.used", &["--disk", "/", "--warn", "disk.used=0%"], "warn", "/");
    assert!(said["value"].as_f64().unwrap() > 0.0, "{said}");
}
