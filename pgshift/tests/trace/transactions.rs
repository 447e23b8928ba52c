//! What is seen from inside of a transaction.

use super::{Shop, locks, seconds, trace};
use serde_json::json;

const ORDERS: &str = "\"public\".\"orders\"";
const CUSTOMERS: &str = "\"public\".\"customers\"";

#[test]
fn a_lock_lasts_to_the_end_of_its_transaction() {
    let shop = Shop::with(&[(
        "1_note.sql",
        "ALTER TABLE orders ADD COLUMN paid boolean;\nUPDATE orders SET paid = true;\n",
    )]);
    let run = shop.rehearse().run().success();
    assert_eq!(locks(&run, 1), [format!("ACCESS EXCLUSIVE {ORDERS}")]);
    let (alter, update) = (trace(&run, 1), trace(&run, 2));
    assert_eq!((&alter["sampled"], &alter["transaction"]), (&json!(false), &json!(true)));
    assert_eq!(alter["blocks_reads"], json!([ORDERS]));
    assert_eq!((&alter["rewrites"], &alter["scans"]), (&json!([]), &json!([])));
    assert_eq!(update["scans"], json!([ORDERS]));
    assert!(update["wal_bytes"].as_u64() > alter["wal_bytes"].as_u64(), "{run}");
    // The second statement runs under the lock that the first one took.
    assert_eq!(update["blocks_writes"], json!([]));
    let both = seconds(&alter["seconds"]) + seconds(&update["seconds"]);
    let held = seconds(&alter["reads_blocked_seconds"]);
    assert!(held >= both, "{run}");
    let outage = run.record("outage");
    assert_eq!(outage["table"], ORDERS);
    assert!(seconds(&outage["writes_seconds"]) >= both, "{run}");
    let window = run.record("window");
    assert_eq!(
        (&window["statements"], &window["sampled"], &window["margin"]),
        (&json!(2), &json!(0), &json!(0.2))
    );
    let (whole, estimate) = (seconds(&window["seconds"]), seconds(&window["estimate_seconds"]));
    assert!((estimate - whole * 1.2).abs() < 1e-6 && whole >= held, "{run}");
    // The history and the result are what they are without a trace.
    assert_eq!(run.result()["applied"], 1);
    assert_eq!(shop.database.scalar("SELECT count(*) FROM orders WHERE paid"), "1000");
}

#[test]
fn what_was_dropped_has_its_name_and_the_tables_that_it_referred_to_are_told() {
    let shop = Shop::with(&[("1_drop.sql", "DROP TABLE orders;\nALTER TABLE customers RENAME TO people;\n")]);
    let run = shop.rehearse().run().success();
    let dropped = run.records_of("lock");
    let orders = dropped.iter().find(|lock| lock["object"] == ORDERS).unwrap();
    assert_eq!((&orders["mode"], &orders["dropped"]), (&json!("ACCESS EXCLUSIVE"), &json!(true)));
    let index = dropped.iter().find(|lock| lock["object"] == "\"public\".\"orders_pkey\"").unwrap();
    assert_eq!((&index["kind"], &index["table"]), (&json!("index"), &json!(ORDERS)));
    let customers = dropped.iter().find(|lock| lock["object"] == CUSTOMERS).unwrap();
    assert_eq!((&customers["statement"], &customers["dropped"]), (&json!(1), &json!(false)));
    let mut outages: Vec<_> = run.records_of("outage").iter().map(|outage| outage["table"].clone()).collect();
    outages.sort_by_key(ToString::to_string);
    assert_eq!(outages, [json!(CUSTOMERS), json!(ORDERS)]);
}

#[test]
fn rewrites_and_scans_are_told_apart_from_what_is_quick() {
    let shop = Shop::with(&[(
        "1_types.sql",
        "ALTER TABLE orders ALTER note TYPE varchar(40);\n\
         ALTER TABLE orders ALTER id TYPE bigint;\n\
         ALTER TABLE orders ALTER note SET NOT NULL;\n\
         TRUNCATE orders;\n",
    )]);
    let run = shop.rehearse().run().success();
    assert_eq!(trace(&run, 1)["rewrites"], json!([]));
    assert_eq!(trace(&run, 2)["rewrites"], json!([ORDERS]));
    assert_eq!((&trace(&run, 3)["rewrites"], &trace(&run, 3)["scans"]), (&json!([]), &json!([ORDERS])));
    assert_eq!(trace(&run, 4)["rewrites"], json!([]));
}

#[test]
fn nobody_waits_for_what_was_not_there_before() {
    let shop = Shop::with(&[
        ("1_new.sql", "CREATE TABLE new (a int);\nCREATE INDEX ON new (a);\n"),
        ("2_more.sql", "ALTER TABLE new ADD b int;\n"),
    ]);
    let run = shop.rehearse().run().success();
    assert!(run.records_of("lock").is_empty() && run.records_of("outage").is_empty(), "{run}");
    assert_eq!(run.records_of("trace").len(), 3);
    assert_eq!(run.record("window")["writes_blocked_seconds"], 0.0);
}

#[test]
fn the_worst_statement_runs_while_others_wait_whoever_took_the_lock() {
    let shop = Shop::with(&[(
        "1_slow.sql",
        "SELECT pg_sleep(0.2);\nALTER TABLE orders ADD a int;\nSELECT pg_sleep(0.1);\nSELECT 1;\n",
    )]);
    let run = shop.rehearse().arg("--margin").arg("50%").run().success();
    let worst = run.records_of("worst");
    assert_eq!(worst.iter().map(|worst| worst["rank"].clone()).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((&worst[0]["statement"], &worst[0]["blocks_reads"]), (&json!(3), &json!([ORDERS])));
    assert_eq!(run.record("window")["margin"], 0.5);
    run.says("worst 1:").says("1_slow.sql:3:");
}

#[test]
fn a_savepoint_gives_locks_back() {
    let shop = Shop::with(&[(
        "1_back.sql",
        "SAVEPOINT s;\nALTER TABLE orders ADD a int;\nROLLBACK TO s;\nALTER TABLE customers ADD a int;\n",
    )]);
    let run = shop.rehearse().run().success();
    let alter = trace(&run, 2);
    let back = seconds(&alter["seconds"]) + seconds(&trace(&run, 3)["seconds"]);
    assert!((seconds(&alter["reads_blocked_seconds"]) - back).abs() < 1e-9, "{run}");
}

#[test]
fn a_script_with_its_own_settings_roles_and_rows_runs_as_it_does_without_a_trace() {
    let shop = Shop::with(&[
        (
            "1_own.sql",
            "BEGIN;\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nSET search_path = '';\n\
             CREATE TABLE public.level AS SELECT current_setting('transaction_isolation') AS level;\nCOMMIT;\n",
        ),
        ("2_rows.sql", "COPY customers FROM stdin;\n11\n12\n\\.\nSELECT 1;\n"),
        ("3_wrong.sql", "ALTER TABLE orders ADD a int;\nSELECT 1/0;\n"),
    ]);
    let run = shop.rehearse().run().exit(3).says("division by zero");
    assert_eq!(shop.database.scalar("SELECT level FROM level"), "serializable");
    assert_eq!(shop.database.scalar("SELECT count(*) FROM customers"), "12");
    // What was taken back is not told.
    assert!(run.records_of("trace").iter().all(|trace| trace["version"] != "3"), "{run}");
    assert!(run.records_of("window").is_empty());
}

#[test]
fn secrets_are_in_no_record() {
    let shop = Shop::with(&[(
        "1_role.sql",
        "CREATE ROLE pgshift_traced LOGIN PASSWORD 's3cret';\nDROP ROLE pgshift_traced;\n",
    )]);
    let run = shop.rehearse().run().success();
    assert_eq!(trace(&run, 1)["sql"], "CREATE ROLE pgshift_traced LOGIN PASSWORD '…'");
    run.hides("s3cret");
}
