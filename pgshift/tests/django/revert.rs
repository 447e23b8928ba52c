//! Taking migrations back: what goes is said before it goes, and what cannot go is refused before anything does.

use super::{Shop, python, pythons};
use testkit::{Database, Tool};

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

impl Shop {
    /// A migration of another app.
    fn of_app(&self, app: &str, name: &str, needs: &str, operations: &str) {
        self.directory.write(format!("{app}/__init__.py"), "");
        self.directory.write(format!("{app}/migrations/__init__.py"), "");
        let text = format!(
            "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n    \
             dependencies = [{needs}]\n    operations = [{operations}]\n"
        );
        self.directory.write(format!("{app}/migrations/{name}.py"), text);
    }

    /// The same by manage.py on another database, and by us on ours: the same comes out.
    fn as_manage_does(&self, other: &Database, target: &[&str]) {
        let (worked, said) = self.manage(other, &[&["migrate", "-v", "0"], target].concat());
        assert!(worked, "{said}");
        if target.is_empty() {
            self.apply().run().success();
        } else {
            self.tool("revert").args(target).run().success();
        }
        let recorded = "SELECT app, name FROM django_migrations ORDER BY app, name";
        assert_eq!(self.database.rows(recorded), other.rows(recorded));
        let sides = [other.connection(), self.database.connection()];
        Tool::named("pgverify").arg("compare").args(sides).args(["-s", "-N", "pgshift"]).run().success();
    }
}

#[test]
fn it_goes_back_to_between_what_a_squashed_migration_stands_for() {
    for python in pythons() {
        let shop = Shop::new(&python);
        shop.squash(&["shop", "0004", "--no-check"]).run().success();
        let other = shop.another_database();
        shop.as_manage_does(&other, &[]);
        let told = shop.tool("revert").args(["shop", "0002", "--dry-run"]).run().success();
        let versions: Vec<_> =
            told.records_of("migration").iter().map(|each| each["version"].clone()).collect();
        assert_eq!(versions, ["shop.0004_index", "shop.0003_fill"], "{told}");
        if python.django() < 4 {
            // Its own migrate cannot.
            shop.tool("revert").args(["shop", "0002"]).run().success();
        } else {
            shop.as_manage_does(&other, &["shop", "0002"]);
        }
        shop.tool("check").run().exit(1).says("2 migrations pending");
        shop.as_manage_does(&other, &[]);
        shop.tool("check").run().success();
        shop.as_manage_does(&other, &["shop", "zero"]);
    }
}

#[test]
fn it_goes_forwards_to_between_what_a_squashed_migration_stands_for() {
    for python in pythons() {
        let shop = Shop::new(&python);
        shop.squash(&["shop", "0004", "--no-check"]).run().success();
        let planned = shop.tool("plan").args(["--to", "shop.0003"]).run().success();
        let mut versions: Vec<_> =
            planned.records_of("statement").iter().map(|each| each["version"].clone()).collect();
        versions.dedup();
        assert_eq!(versions, ["shop.0001_initial", "shop.0002_total", "shop.0003_fill"], "{planned}");
        let other = shop.another_database();
        // Others than the newest find no such migration.
        if python.django() >= 6 {
            let (worked, said) = shop.manage(&other, &["migrate", "-v", "0", "shop", "0003"]);
            assert!(worked, "{said}");
        }
        shop.apply().args(["--to", "shop.0003"]).run().success();
        assert_eq!(shop.recorded().len(), 3);
        if python.django() >= 6 {
            let sides = [other.connection(), shop.database.connection()];
            Tool::named("pgverify").arg("compare").args(sides).args(["-s", "-N", "pgshift"]).run().success();
        }
        shop.tool("check").run().exit(1);
        shop.apply().run().success();
        shop.tool("check").run().success();
        assert_eq!(
            shop.tool("plan").args(["--to", "shop.0002"]).run().success().records_of("statement").len(),
            0
        );
    }
}

#[test]
fn what_was_squashed_and_what_it_was_squashed_into_are_not_both_run() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    shop.append("site_settings.py", "INSTALLED_APPS += ['attic', 'zoo']\n");
    let model = |name: &str| {
        format!("migrations.CreateModel('{name}', [('id', models.BigAutoField(primary_key=True))])")
    };
    shop.of_app("zoo", "0001_ape", "", &model("Ape"));
    shop.of_app("zoo", "0002_bat", "('zoo', '0001_ape')", &model("Bat"));
    let both = format!("{}, {}", model("Ape"), model("Bat"));
    let replaces = "]\n    replaces = [('zoo', '0001_ape'), ('zoo', '0002_bat')";
    shop.of_app("zoo", "0001_squashed_0002_bat", replaces, &both);
    shop.of_app("attic", "0001_box", "('zoo', '0001_squashed_0002_bat')", &model("Box"));
    shop.of_app("attic", "0002_bag", "('attic', '0001_box'), ('zoo', '0001_ape')", &model("Bag"));
    shop.of_app("attic", "0003_tin", "('attic', '0002_bag')", &model("Tin"));
    let replaces = "]\n    replaces = [('attic', '0002_bag'), ('attic', '0003_tin')";
    let needs = format!("('attic', '0001_box'){replaces}");
    shop.of_app("attic", "0002_squashed_0003_tin", &needs, &format!("{}, {}", model("Bag"), model("Tin")));
    let to = |subcommand: &str| shop.tool(subcommand).args(["--to", "attic.0002_bag"]);
    let refused = to("plan").run().exit(2);
    refused.says("pgshift apply --to zoo.0001_squashed_0002_bat comes first");
    shop.apply().args(["--to", "zoo.0001_squashed_0002_bat"]).run().success();
    let applied = shop.apply().args(["--to", "attic.0002_bag"]).run().success();
    assert_eq!((&applied.result()["applied"], shop.recorded_of("attic").len()), (&2.into(), 2), "{applied}");
    shop.apply().run().success();
    shop.tool("check").run().exit(7);
}

#[test]
fn what_was_squashed_twice_counts_with_all_its_parts() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    shop.apply().run().success();
    shop.append("site_settings.py", "INSTALLED_APPS += ['zoo']\n");
    let model = |name: &str| {
        format!("migrations.CreateModel('{name}', [('id', models.BigAutoField(primary_key=True))])")
    };
    shop.of_app("zoo", "0001_ape", "", &model("Ape"));
    shop.of_app("zoo", "0002_bat", "('zoo', '0001_ape')", &model("Bat"));
    shop.of_app("zoo", "0003_cat", "('zoo', '0002_bat')", &model("Cat"));
    let both = format!("{}, {}", model("Ape"), model("Bat"));
    let replaces = "]\n    replaces = [('zoo', '0001_ape'), ('zoo', '0002_bat')";
    shop.of_app("zoo", "0001_squashed_0002_bat", replaces, &both);
    let replaces = "]\n    replaces = [('zoo', '0001_squashed_0002_bat'), ('zoo', '0003_cat')";
    shop.of_app("zoo", "0001_squashed_0003_cat", replaces, &format!("{both}, {}", model("Cat")));
    for (version, rest) in [("zoo.0001_ape", 2), ("zoo.0001_squashed_0002_bat", 1), ("zoo.0003_cat", 0)] {
        let applied = shop.apply().args(["--to", version]).run().success();
        let told = (&applied.result()["applied"], &applied.result()["pending"]);
        assert_eq!(told, (&1.into(), &rest.into()), "{version}: {applied}");
    }
    let status = shop.tool("status").run().success();
    let applied = |each: &&serde_json::Value| each["app"] == "zoo" && each["state"] == "applied";
    let applied: Vec<_> = status.records_of("migration").into_iter().filter(applied).collect();
    assert_eq!(applied.len(), 1, "{status}");
    assert_eq!(applied[0]["version"], "zoo.0001_squashed_0003_cat");
}

#[test]
fn what_is_half_applied_is_not_run_again_by_what_it_was_squashed_into() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    shop.squash(&["shop", "0004", "--no-check"]).run().success();
    let path = shop.directory.join("shop/migrations/0001_initial.py");
    let text = std::fs::read_to_string(&path).unwrap().replace("initial = True", "atomic = False");
    let later = "        migrations.RunSQL('INSERT INTO later VALUES (1)', reverse_sql=''),\n    ]\n";
    std::fs::write(&path, text.trim_end().trim_end_matches("    ]").to_owned() + later).unwrap();
    shop.apply().args(["--to", "shop.0001_initial"]).run().exit(3).says("later");
    shop.tool("status").run().success();
    let refused = shop.apply().run().exit(8);
    refused.says("pgshift apply --to shop.0001_initial goes on with it");
    shop.database.run("CREATE TABLE later (a int)");
    shop.apply().args(["--to", "shop.0001_initial"]).run().success();
    shop.apply().run().success();
    assert_eq!(shop.database.scalar("SELECT count(*) FROM later"), "1");
    shop.tool("check").run().success();
}

#[test]
fn what_was_taken_back_before_counts_for_the_models_as_it_does_for_django() {
    for python in pythons() {
        let shop = Shop::new(&python);
        shop.append("site_settings.py", "INSTALLED_APPS += ['attic', 'zoo']\n");
        let file = |app: &str, name: &str, needs: &str, operations: &str| {
            shop.of_app(app, name, needs, operations);
        };
        let id = "('id', models.BigAutoField(primary_key=True))";
        let key = |model: &str| format!("models.ForeignKey('{model}', models.CASCADE, db_constraint=False)");
        let state = |operation: &str| {
            format!("migrations.SeparateDatabaseAndState(state_operations=[migrations.{operation}])")
        };
        file("shop", "0005_box", "('shop', '0004_index')", &format!("migrations.CreateModel('Box', [{id}])"));
        file("shop", "0006_mark", "('shop', '0005_box')", "");
        file("shop", "0007_gone", "('shop', '0006_mark')", &state("DeleteModel('Box')"));
        let shelf = format!(
            "migrations.CreateModel('Crate', [{id}]), migrations.CreateModel('Shelf', [{id}, ('box', {})])",
            key("shop.Box")
        );
        file("zoo", "0001_initial", "('shop', '0005_box')", &shelf);
        let moved = state(&format!("AlterField('Shelf', 'box', {})", key("zoo.Crate")));
        file("zoo", "0002_moved", "('zoo', '0001_initial'), ('shop', '0006_mark')", &moved);
        // It makes what the zoo does come before what the shop does; taken back, it goes before that, too.
        file("attic", "0001_initial", "('zoo', '0002_moved')", "");
        let other = shop.another_database();
        shop.as_manage_does(&other, &[]);
        shop.as_manage_does(&other, &["shop", "0005"]);
        shop.as_manage_does(&other, &[]);
    }
}

#[test]
fn what_needs_a_squashed_migration_goes_before_a_part_of_it_does() {
    for python in pythons() {
        let shop = Shop::new(&python);
        shop.squash(&["shop", "0003", "--no-check"]).run().success();
        let path = shop.directory.join("shop/migrations/0004_index.py");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("0003_fill", "0001_squashed_0003_fill")).unwrap();
        shop.apply().run().success();
        let reverted = shop.tool("revert").args(["shop", "0002"]).run().success();
        let versions: Vec<_> =
            reverted.records_of("migration").iter().map(|each| each["version"].clone()).collect();
        assert_eq!(versions, ["shop.0004_index", "shop.0003_fill"], "{reverted}");
        shop.tool("check").run().exit(1).says("2 migrations pending");
        shop.apply().run().success();
        shop.tool("check").run().success();
        let (worked, said) = shop.manage(&shop.database, &["migrate", "--check"]);
        assert!(worked, "{said}");
    }
}
