//! Taking migrations back: what goes is said before it goes, and what cannot go is refused before anything does.

use super::{Shop, python, pythons};

#[test]
fn what_is_lost_is_told_and_what_was_taken_back_can_be_applied_again() {
    for python in pythons() {
        let shop = Shop::new(&python);
        shop.apply().run().success();
        shop.database.run("INSERT INTO shop_order (customer_id, cents, total, code) VALUES (1, 2, 3, '')");
        let only = shop.tool("revert").args(["shop", "0001", "--dry-run"]).run().success();
        let lost: Vec<_> =
            only.records_of("loss").into_iter().filter(|record| record.get("column").is_some()).collect();
        assert_eq!((&lost[0]["column"], &lost[0]["rows"]), (&"code".into(), &1.into()), "{only}");
        assert_eq!(shop.recorded().len(), 4);
        let reverted = shop.tool("revert").args(["shop", "0001"]).run().success();
        assert_eq!(reverted.result()["reverted"], 3, "{reverted}");
        assert_eq!(shop.recorded(), ["0001_initial"]);
        shop.tool("check").run().exit(1).says("3 migrations pending");
        shop.apply().run().success();
        shop.database.run("TRUNCATE shop_order, shop_customer RESTART IDENTITY; INSERT INTO shop_customer (name) VALUES ('first')");
        let (worked, said) = shop.manage(&shop.database, &["migrate", "--check"]);
        assert!(worked, "{said}");
        shop.tool("revert").args(["shop", "zero"]).run().success();
        assert_eq!(shop.database.scalar("SELECT to_regclass('shop_order') IS NULL"), "t");
    }
}

#[test]
fn what_has_no_way_back_is_refused_before_anything_is_taken_back() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    let path = shop.directory.join("shop/migrations/0003_fill.py");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, text.replace(", migrations.RunPython.noop", "")).unwrap();
    shop.apply().run().success();
    let refused = shop.tool("revert").args(["shop", "0002"]).run().exit(1);
    refused.says("shop.0003_fill cannot be taken back: RunPython(fill) has no way back");
    assert_eq!(shop.recorded().len(), 4);
    shop.tool("revert").args(["shop", "0003"]).run().success();
}
