use super::{command, database};
use rustix::process::{Pid, Signal, kill_process};
use testkit::{Cluster, Tool, newest_major};

#[test]
fn a_server_that_answers_is_ready_and_a_standby_takes_no_writes() {
    let database = database();
    let ready = command("ready", &database).run().success();
    assert_eq!(ready.record("ready")["role"], "primary");
    command("ready", &database).arg("--write").run().success();
    let standby = Cluster::shared(newest_major()).replica().existing("postgres");
    assert_eq!(command("ready", &standby).run().success().record("ready")["role"], "standby");
    command("ready", &standby).args(["--write", "--timeout", "0.3s"]).run().exit(1).says("it is a standby");
    database.run(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", database.name()));
    command("ready", &database).args(["--write", "--timeout", "0.3s"]).run().exit(1).says("read-only");
}

#[test]
fn it_says_why_not_yet() {
    let nobody = Tool::named("pgcheckpoint")
        .args(["ready", "-d", "host=/nowhere dbname=x", "--timeout", "0.5s"])
        .run()
        .exit(1);
    assert_eq!(nobody.records_of("waiting").len(), 1, "a reason is told once: {nobody}");
    let missing = database().connection().replace("dbname='commands", "dbname='missing");
    Tool::named("pgcheckpoint")
        .args(["ready", "-d", &missing, "--timeout", "0.3s"])
        .run()
        .exit(1)
        .says("does not exist");
}

#[test]
fn it_waits_for_what_comes() {
    let cluster = Cluster::shared(newest_major());
    let coming = cluster.existing("it_will_come");
    let waiting = command("ready", &coming).args(["--timeout", "60s"]).start();
    std::thread::sleep(std::time::Duration::from_millis(700));
    cluster.existing("postgres").run("CREATE DATABASE it_will_come");
    let ready = waiting.finish().success();
    assert!(
        ready.record("ready")["attempts"].as_u64().unwrap() > 1 && !ready.records_of("waiting").is_empty(),
        "{ready}"
    );
}

#[test]
fn a_server_that_hangs_is_not_ready() {
    let cluster = Cluster::start(newest_major(), &[]);
    let postmaster = Pid::from_raw(cluster.sandbox().postmaster_pid().try_into().unwrap()).unwrap();
    kill_process(postmaster, Signal::STOP).unwrap();
    let waiting = command("ready", &cluster.existing("postgres")).args(["--timeout", "1s"]).run();
    kill_process(postmaster, Signal::CONT).unwrap();
    waiting.exit(1);
}
