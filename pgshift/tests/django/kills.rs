//! `kill -9` at every boundary and inside of what is not atomic: nothing half recorded, and the next run finishes.

use super::{Shop, python, pythons};
use rustix::process::Signal;
use testkit::{Tool, is_long};

/// What holds a run up, and where the migration behind it then is.
const PLACES: [(&str, &str, &str); 5] = [
    ("shop.0001", "BEGIN; CREATE TABLE shop_customer ()", "pending"),
    ("shop.0002", "BEGIN; LOCK TABLE shop_order IN ACCESS SHARE MODE", "pending"),
    ("shop.0003", "BEGIN; LOCK TABLE shop_customer IN ACCESS EXCLUSIVE MODE", "pending"),
    // Its own record, which Django would write behind the commit.
    ("shop.0002", "BEGIN; LOCK TABLE django_migrations IN SHARE MODE", "pending"),
    ("shop.0004", "BEGIN; LOCK TABLE shop_order IN ROW EXCLUSIVE MODE", "partial"),
];

fn waiting(shop: &Shop) -> bool {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    shop.database.scalar(sql) != "0"
}

fn killed_and_finished(shop: &Shop, apply: Tool, by: &str, state: &str) {
    let held = shop.database.hold(by);
    let mut started = apply.start();
    started.wait_until("it waits for a lock", || waiting(shop));
    started.signal(Signal::KILL);
    started.finish().exit(137);
    shop.end_sessions();
    drop(held);
    let (at, found) = shop.states().into_iter().find(|(_, state)| state != "applied").unwrap();
    assert_eq!(found, state, "{at} held by {by}");
    shop.tool("check").run().exit(8);
    shop.apply().run().success();
}

#[test]
fn after_a_kill_anywhere_the_truth_is_told_and_the_next_run_finishes() {
    let places = if is_long() { [&PLACES[..], &PLACES[..]] } else { [&PLACES[1..2], &PLACES[3..]] };
    // The old Django is held up where it differs: before its record of an atomic migration, and outside of a transaction.
    for (python, places) in pythons().into_iter().zip(places) {
        for (to, hold, state) in places {
            let shop = Shop::new(&python);
            shop.up_to(&format!("000{}", to.as_bytes()[8] - b'0' - 1));
            killed_and_finished(&shop, shop.apply().args(["--lock-timeout", "0"]), hold, state);
            shop.is_as_django_makes_it_in_one_run();
            assert_eq!(
                shop.database.scalar("SELECT string_agg(n::text, ',' ORDER BY n) FROM shop_log"),
                "1,2"
            );
            let index = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'order_cents'::regclass";
            assert_eq!(shop.database.scalar(index), "t");
        }
    }
}

#[test]
fn applied_and_not_recorded_is_found_and_recorded() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    shop.migration(
        "0004_index",
        "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    atomic = False\n    \
         dependencies = [('shop', '0003_fill')]\n    \
         operations = [migrations.RunSQL(['CREATE TABLE shop_log (n int)', 'INSERT INTO shop_log VALUES (1)'])]\n",
    );
    shop.up_to("0003");
    let held = shop.database.hold("BEGIN; LOCK TABLE django_migrations IN SHARE MODE");
    let mut started = shop.apply().args(["--lock-timeout", "0"]).start();
    started.wait_until("it waits for a lock", || waiting(&shop));
    started.signal(Signal::KILL);
    started.finish().exit(137);
    shop.end_sessions();
    drop(held);
    shop.tool("check").run().exit(8).says("shop.0004_index is applied, and Django has no record of it");
    shop.apply().run().success().says("Django has no record of it");
    shop.is_as_django_makes_it_in_one_run();
}

#[test]
fn code_outside_of_a_transaction_is_in_doubt_until_somebody_says_what_became_of_it() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    shop.migration(
        "0003_fill",
        "from django.db import migrations\n\n\ndef fill(apps, editor):\n    \
         with editor.connection.cursor() as cursor:\n        \
         cursor.execute(\"INSERT INTO shop_customer (name) VALUES ('one')\")\n        \
         cursor.execute('SELECT pg_advisory_xact_lock(42)')\n\n\nclass Migration(migrations.Migration):\n    atomic = False\n    \
         dependencies = [('shop', '0002_total')]\n    operations = [migrations.RunPython(fill, atomic=False)]\n",
    );
    shop.up_to("0002");
    let held = shop.database.hold("SELECT pg_advisory_lock(42)");
    let mut started = shop.apply().start();
    started.wait_until("it waits for a lock", || waiting(&shop));
    started.signal(Signal::KILL);
    started.finish().exit(137);
    shop.end_sessions();
    drop(held);
    let doubt = shop.apply().run().exit(8).says("--resume done or --resume again");
    assert_eq!(doubt.record("error")["code"], "in_doubt");
    shop.apply().args(["--resume", "done"]).run().success();
    assert_eq!(shop.database.scalar("SELECT count(*) FROM shop_customer"), "1");
}

#[test]
fn what_was_under_way_when_the_session_was_lost_is_in_doubt_and_looked_at() {
    for python in pythons() {
        let shop = Shop::new(&python);
        shop.up_to("0003");
        let held = shop.database.hold("BEGIN; LOCK TABLE shop_order IN ROW EXCLUSIVE MODE");
        let mut started = shop.apply().args(["--lock-timeout", "0"]).start();
        started.wait_until("it waits for a lock", || waiting(&shop));
        shop.database.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND wait_event_type = 'Lock'",
        );
        let lost = started.finish().exit(5).says("order_cents");
        assert_eq!(lost.record("error")["code"], "connection_lost");
        drop(held);
        shop.tool("check")
            .run()
            .exit(8)
            .says("it is in doubt whether this was done: CREATE INDEX CONCURRENTLY");
        shop.apply().run().success();
        shop.is_as_django_makes_it_in_one_run();
    }
}
