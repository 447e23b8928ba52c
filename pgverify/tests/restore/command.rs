//! Programs run on the copy.

use super::{restore, shop, stored};
use testkit::Tool;

#[test]
fn a_program_sees_the_copy_and_only_the_copy() {
    let database = shop();
    let store = stored(&database);
    let verified = restore(&store)
        .env("PGHOST", "/nowhere")
        .env("PGPASSWORD", "secret")
        .env("PGOPTIONS", "-c work_mem=1GB")
        .env("PGSERVICE", "elsewhere")
        .args(["--", "psql", "-Atc", "SELECT current_database(), count(*) FROM orders"])
        .run()
        .success();
    assert_eq!(verified.stderr(), format!("{}|1000\n", database.name()));
    assert_eq!(verified.result()["command_exit_code"], 0);

    let url = restore(&store)
        .args(["--", "sh", "-c", "psql \"$DATABASE_URL\" -Atc 'SELECT sum(id) FROM orders'"])
        .run()
        .success();
    assert_eq!(url.stderr(), "500500\n");
}

#[test]
fn its_records_pass_through_and_its_words_go_to_stderr() {
    let database = shop();
    let store = stored(&database);
    let inner = Tool::pgsnap("list").store(store.path()).run().success().stdout();
    let file = store.join("records");
    std::fs::write(&file, format!("not a record\n{inner}{{\"half\": ")).unwrap();
    let verified = restore(&store).args(["--", "cat"]).arg(&file).run().success();
    assert!(verified.stdout().contains(&inner), "{verified}");
    assert_eq!(verified.stderr(), "not a record\n{\"half\": ");
}

#[test]
fn its_exit_code_counts() {
    let database = shop();
    let store = stored(&database);
    // A scratch database is made faster than a cluster.
    let server = database.connection();
    let restore = |store| restore(store).args(["--server", &server]);
    for (code, ours) in [(1, 1), (2, 3), (3, 3), (4, 4), (5, 5), (42, 1)] {
        let verified = restore(&store).args(["--", "sh", "-c", &format!("exit {code}")]).run().exit(ours);
        assert_eq!(verified.result()["command_exit_code"], code, "{verified}");
        assert_eq!(verified.result()["proved"], true, "the proof stands: {verified}");
    }
    restore(&store).args(["--", "sh", "-c", "kill -9 $$"]).run().exit(3).says("ended by signal 9");
    restore(&store).args(["--", "/no/such/program"]).run().exit(3).says("cannot run /no/such/program");
}

#[test]
fn no_shell_reads_the_arguments() {
    let database = shop();
    let store = stored(&database);
    let verified = restore(&store).args(["--", "printf", "%s\n", "$(id) `id` ; * \"'"]).run().success();
    assert_eq!(verified.stderr(), "$(id) `id` ; * \"'\n");
}
