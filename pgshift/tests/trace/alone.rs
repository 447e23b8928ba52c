//! What is seen of statements outside of transactions.

use super::{Shop, locks, seconds, trace};
use serde_json::json;

#[test]
fn an_index_that_is_built_while_others_write_is_watched_from_outside() {
    let shop =
        Shop::with(&[("1_index.sql", "CREATE INDEX CONCURRENTLY by_customer ON orders (customer);\n")]);
    // It waits for the writer, long enough to be looked at.
    let writer = shop.database.hold("BEGIN; UPDATE orders SET note = 'y' WHERE id = 1");
    let mut started = shop.rehearse().start();
    let looked_while_it_waited = || {
        shop.database.scalar(
            "SELECT count(*) > 0 FROM pg_stat_activity o, pg_stat_activity w WHERE o.application_name = 'pgshift observer' \
             AND w.application_name = 'pgshift' AND w.wait_event_type = 'Lock' AND o.datname = current_database() \
             AND w.datname = o.datname AND o.state = 'idle' AND o.query_start > w.query_start + interval '200 ms'",
        ) == "t"
    };
    started.wait_until("it was looked at", looked_while_it_waited);
    drop(writer);
    let run = started.finish().success();
    assert_eq!(locks(&run, 1), ["SHARE UPDATE EXCLUSIVE \"public\".\"orders\""]);
    let index = trace(&run, 1);
    assert_eq!((&index["sampled"], &index["transaction"]), (&json!(true), &json!(false)));
    assert_eq!((&index["blocks_writes"], index.get("scans")), (&json!([]), None));
    assert!(
        seconds(&index["waited_seconds"]) > 0.0
            && seconds(&index["waited_seconds"]) <= seconds(&index["seconds"]),
        "{run}"
    );
    assert_eq!(run.record("window")["sampled"], 1);
    assert_eq!(
        shop.database.scalar("SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_customer'::regclass"),
        "t"
    );
}

#[test]
fn a_table_that_is_rewritten_outside_of_a_transaction_is_told() {
    let shop =
        Shop::with(&[("1_mixed.sql", "ALTER TABLE orders ADD a int;\nVACUUM FULL customers;\nSELECT 1;\n")]);
    let run = shop.rehearse().run().success();
    assert_eq!(trace(&run, 2)["rewrites"], json!(["\"public\".\"customers\""]));
    assert_eq!(run.records_of("trace").len(), 3);
    // Nothing of the observer is left.
    let left = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'pgshift%'";
    assert_eq!(shop.database.scalar(left), "0");
}

#[test]
fn a_trace_with_a_gap_is_no_success_and_what_was_applied_stays_applied() {
    let shop = Shop::with(&[
        ("1_index.sql", "CREATE INDEX CONCURRENTLY by_customer ON orders (customer);\n"),
        ("2_next.sql", "ALTER TABLE orders ADD a int;\n"),
    ]);
    let writer = shop.database.hold("BEGIN; UPDATE orders SET note = 'y' WHERE id = 1");
    let mut started = shop.rehearse().start();
    let observer = "SELECT count(pg_terminate_backend(o.pid)) > 0 FROM pg_stat_activity o, pg_stat_activity w \
                    WHERE o.application_name = 'pgshift observer' AND o.datname = current_database() \
                    AND w.application_name = 'pgshift' AND w.wait_event_type = 'Lock' AND w.datname = o.datname";
    started.wait_until("the observer was ended", || shop.database.scalar(observer) == "t");
    // It finds out at its next look.
    let gone = "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'pgshift observer' \
                AND datname = current_database()";
    started.wait_until("it is gone", || shop.database.scalar(gone) == "t");
    drop(writer);
    let run = started.finish().exit(3).says("everything was applied").says("not whole");
    assert_eq!(run.record("error")["code"], "trace_incomplete");
    assert!(run.records_of("window").is_empty(), "{run}");
    assert_eq!(run.result()["applied"], 2);
    assert_eq!(shop.database.scalar("SELECT count(*) FROM pgshift.migrations WHERE state = 'applied'"), "2");
}
