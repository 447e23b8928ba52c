//! Locks of others, and poolers.

use super::{Shop, python, pythons};
use testkit::Bouncer;

#[test]
fn a_statement_waits_for_a_lock_briefly_and_often_and_says_who_is_in_the_way() {
    for python in pythons() {
        let shop = Shop::new(&python);
        shop.up_to("0001");
        let held = shop.database.hold("BEGIN; LOCK TABLE shop_order IN ACCESS SHARE MODE");
        let waited = shop.apply().args(["--lock-timeout", "2s", "--lock-retries", "1"]).run().exit(5);
        let warnings = waited.records_of("warning");
        assert!(warnings.iter().any(|record| record["code"] == "lock_timeout"), "{waited}");
        assert_eq!(waited.records_of("blocked")[0]["version"], "shop.0002_total", "{waited}");
        assert_eq!(shop.recorded(), ["0001_initial"]);
        let mut started = shop.apply().args(["--lock-timeout", "300ms", "--lock-retries", "100"]).start();
        let waits = || {
            let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
            shop.database.scalar(sql) != "0"
        };
        started.wait_until("it waits for a lock", waits);
        drop(held);
        started.finish().success();
        shop.is_as_django_makes_it_in_one_run();
    }
}

#[test]
fn what_is_not_atomic_goes_on_behind_what_it_has_done_when_a_lock_was_in_the_way() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    shop.migration(
        "0004_index",
        "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    atomic = False\n    \
         dependencies = [('shop', '0003_fill')]\n    operations = [\n        \
         migrations.RunSQL(['CREATE TABLE shop_log (n int)', 'ALTER TABLE shop_order ADD COLUMN extra int']),\n    ]\n",
    );
    shop.up_to("0003");
    let held = shop.database.hold("BEGIN; LOCK TABLE shop_order IN ACCESS SHARE MODE");
    shop.apply()
        .args(["--lock-timeout", "100ms", "--lock-retries", "1"])
        .run()
        .exit(5)
        .says("ALTER TABLE shop_order");
    assert_eq!(shop.database.scalar("SELECT to_regclass('shop_log') IS NOT NULL"), "t");
    drop(held);
    shop.tool("check").run().exit(8).says("shop.0004_index is half applied: 0 of 1 operations are done");
    shop.apply().run().success().says("half applied");
    assert_eq!(shop.recorded().last().unwrap(), "0004_index");
}

#[test]
fn two_at_once_take_turns() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    let both = [shop.apply().start(), shop.apply().start()];
    let counts: usize = both.map(|one| one.finish().success().records_of("migration").len()).iter().sum();
    assert_eq!(counts, 18);
}

#[test]
fn behind_a_pool_of_transactions_nothing_is_begun() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    let Some(bouncer) = Bouncer::start(shop.database.cluster(), "transaction") else { return };
    let connection = bouncer.connection(&shop.database);
    for tool in [shop.apply(), shop.tool("status"), shop.tool("plan"), shop.tool("lint")] {
        tool.arg("-d").arg(&connection).run().exit(3).says("pools transactions");
    }
    assert_eq!(shop.database.scalar("SELECT to_regclass('django_migrations') IS NULL"), "t");
}
