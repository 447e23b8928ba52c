//! The whole way: a snapshot is restored, the migrations run on the copy, and a plan shows what that measured.

use super::{Shop, text};
use serde_json::{Value, json};
use testkit::{Outcome, TempDir, Tool};

const FILES: [(&str, &str); 2] = [
    ("1_type.sql", "ALTER TABLE orders ALTER id TYPE bigint;\nUPDATE orders SET note = 'z';\n"),
    ("2_index.sql", "CREATE INDEX CONCURRENTLY by_customer ON orders (customer);\n"),
];

/// `pgverify restore - -- pgshift apply --trace` of a snapshot of the shop.
fn rehearse(shop: &Shop) -> Outcome {
    let store = TempDir::new();
    let created = Tool::pgsnap("create").database(&shop.database).store(store.path()).run().success();
    let pgshift = std::path::Path::new(env!("CARGO_BIN_EXE_pgshift"));
    let verify = Tool::named("pgverify").args(["restore", "-"]).store(store.path());
    let command =
        verify.arg("--").arg(pgshift).args(["apply", "--trace", "--dir"]).arg(shop.directory.path());
    command.input(created.stdout()).run().success()
}

/// What is planned; what was done in the rehearsal is in the stream, too.
fn statements(plan: &Outcome) -> Vec<Value> {
    let all = plan.records_of("statement").into_iter();
    all.filter(|statement| statement["state"] == "planned").cloned().collect()
}

#[test]
fn a_plan_shows_what_a_rehearsal_measured() {
    let shop = Shop::with(&FILES);
    let rehearsal = rehearse(&shop);
    assert_eq!(rehearsal.record("window")["statements"], 3);
    // The copy's cluster writes as little WAL as it can.
    assert_eq!(rehearsal.record("window")["wal_is_less"], true);
    assert_eq!(shop.database.scalar("SELECT to_regnamespace('pgshift') IS NULL"), "t");

    let plan = shop.tool("plan").arg("-").input(rehearsal.stdout()).run().success();
    assert!(plan.stdout().starts_with(&rehearsal.stdout()), "what came in goes on: {plan}");
    let shown = statements(&plan);
    let measured: Vec<_> = shown.iter().map(|statement| statement["measured"].clone()).collect();
    assert_eq!(measured, [true, true, true]);
    assert_eq!(shown[0]["work"], json!(["rewrite of \"public\".\"orders\""]));
    // Rows that this very transaction has rewritten are checked against the other table anew: nobody would have assumed it.
    let work = ["scan of \"public\".\"customers\"", "change of \"public\".\"orders\""];
    assert_eq!(shown[1]["work"], json!(work));
    let traces = rehearsal.records_of("trace");
    for (statement, trace) in shown.iter().zip(traces) {
        assert_eq!(
            (&statement["seconds"], &statement["wal_bytes"]),
            (&trace["seconds"], &trace["wal_bytes"])
        );
    }
    let codes = ["not_measured", "other_database"];
    let warned = |warning: &&Value| codes.contains(&text(&warning["code"]));
    assert_eq!(plan.records_of("warning").into_iter().filter(warned).count(), 0, "{plan}");
}

#[test]
fn a_plan_says_that_another_database_was_rehearsed() {
    let (shop, other) = (Shop::with(&FILES), Shop::with(&FILES));
    let told = |plan: &Outcome| {
        let warnings = plan.records_of("warning").into_iter().cloned();
        warnings.filter(|warning| warning["code"] == "other_database").collect::<Vec<_>>()
    };
    // By a copy of it, and by itself.
    for rehearsal in [rehearse(&shop), shop.rehearse().run().success()] {
        let plan = other.tool("plan").arg("-").input(rehearsal.stdout()).run().success();
        let warnings = told(&plan);
        assert_eq!(warnings.len(), 1, "{plan}");
        let message = text(&warnings[0]["message"]);
        assert!(message.contains(shop.database.name()) && message.contains(other.database.name()), "{plan}");
        // The same name in another cluster is another database.
        let cluster = rehearsal.stdout().replace("\"system_identifier\":\"", "\"system_identifier\":\"7");
        let plan = shop.tool("plan").arg("-").input(cluster).run().success();
        assert_eq!(told(&plan).len(), 1, "{plan}");
    }
    let plan = shop.tool("plan").arg("-").input(rehearse(&other).stdout());
    assert_eq!(told(&plan.run().success()).len(), 1);
}

#[test]
fn what_was_written_after_the_rehearsal_was_not_measured() {
    let shop = Shop::with(&FILES);
    let rehearsal = shop_copy_rehearsal(&shop);
    // Another statement before it, and a comment in it: it is the same one all the same.
    shop.directory.write(
        "1_type.sql",
        "ALTER TABLE customers ADD a int;\nALTER TABLE orders -- widen\n ALTER id TYPE bigint;\nUPDATE orders SET note = 'q';\n",
    );
    let plan = shop.tool("plan").arg("-").input(rehearsal.stdout()).run().success();
    let measured: Vec<_> = statements(&plan).iter().map(|statement| statement["measured"].clone()).collect();
    assert_eq!(measured, [false, true, false, true]);
    let warnings = plan.records_of("warning");
    let missing: Vec<&str> = warnings
        .iter()
        .filter(|warning| warning["code"] == "not_measured")
        .map(|warning| text(&warning["object"]).rsplit_once("1_type.sql:").unwrap().1)
        .collect();
    assert_eq!(missing, ["1:1", "4:1"]);
}

#[test]
fn a_plan_refuses_what_is_no_rehearsal_that_succeeded() {
    let shop = Shop::with(&FILES);
    shop.tool("plan").arg("-").input("").run().exit(4).says("nothing came in on stdin");
    let status = shop.tool("status").run().success();
    shop.tool("plan").arg("-").input(status.stdout()).run().exit(4).says("no trace of a rehearsal");
    let wrong = Shop::with(&[("1_wrong.sql", "SELECT 1;\n"), ("2_wrong.sql", "SELECT 1/0;\n")]);
    let failed = wrong.rehearse().run().exit(3);
    shop.tool("plan").arg("-").input(failed.stdout()).run().exit(4).says("did not succeed");
}

/// The same migrations, rehearsed on an equal database.
fn shop_copy_rehearsal(shop: &Shop) -> Outcome {
    let copy = Shop::with(&[]);
    Tool::named("pgshift")
        .args(["apply", "--no-gate", "--trace"])
        .database(&copy.database)
        .arg("--dir")
        .arg(shop.directory.path())
        .run()
        .success()
}
