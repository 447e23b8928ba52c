//! One migration in the place of several: made, tried from nothing and from each state, and written only when it makes the same.

use super::{Shop, python, pythons};
use testkit::{Outcome, TempDir};

const HEAD: &str =
    "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n    ";

impl Shop {
    pub(super) fn squash(&self, words: &[&str]) -> testkit::Tool {
        let tool = self.tool("squash").args(words);
        // It needs no database of the project's.
        tool.env("SHOP_HOST", "/nowhere")
    }

    /// Another migration of the app, which does this.
    pub(super) fn does(&self, name: &str, after: &str, operations: &str) {
        let after = format!("dependencies = [('shop', '{after}')]\n    operations = [{operations}]\n");
        self.migration(name, &format!("{HEAD}{after}"));
    }

    fn files(&self) -> usize {
        std::fs::read_dir(self.directory.join("shop/migrations")).unwrap().count()
    }
}

fn how(outcome: &Outcome) -> Vec<(String, String)> {
    let text = |record: &serde_json::Value, field: &str| record[field].as_str().unwrap().to_owned();
    outcome
        .records_of("carried")
        .into_iter()
        .map(|record| (text(record, "version"), text(record, "how")))
        .collect()
}

#[test]
fn a_squashed_migration_is_tried_from_every_state_and_runs_on_the_oldest_and_the_newest_django() {
    for python in pythons() {
        let shop = Shop::new(&python);
        let files = shop.files();
        let told = shop.squash(&["shop", "0004", "--dry-run", "--no-check"]).run().success();
        assert_eq!(shop.files(), files);
        let text = told.record("squash")["text"].as_str().unwrap();
        assert!(text.contains("replaces = [") && !text.contains("AddField"), "{text}");
        let made = shop.squash(&["shop", "0004"]).run().success();
        let trials: Vec<_> = made.records_of("trial").iter().map(|record| record["from"].clone()).collect();
        let states = ["nothing", "shop.0001_initial", "shop.0002_total", "shop.0003_fill", "shop.0004_index"];
        assert_eq!(trials, states, "{made}");
        assert_eq!(made.record("created")["version"], "shop.0001_squashed_0004_index");
        let written =
            std::fs::read_to_string(shop.directory.join("shop/migrations/0001_squashed_0004_index.py"))
                .unwrap();
        // The first line tells the minute.
        assert_eq!(written.lines().skip(1).collect::<Vec<_>>(), text.lines().skip(1).collect::<Vec<_>>());
        // What it says is so: the functions come from the old files, and the statements need no transaction.
        let found =
            [("shop.0003_fill", "borrowed"), ("shop.0004_index", "kept"), ("shop.0004_index", "kept")];
        assert_eq!(how(&made), found.map(|(one, other)| (one.to_owned(), other.to_owned())));
        let warnings: Vec<_> =
            made.records_of("warning").iter().map(|record| record["code"].clone()).collect();
        assert_eq!(warnings, ["not_atomic", "borrowed"], "{made}");
        shop.apply().run().success();
        shop.is_as_django_makes_it();
        shop.squash(&["shop", "0004", "--no-check"])
            .run()
            .exit(2)
            .says("another migration stands in its place");
        again(&shop);
        // It stands in the place of the others, which are judged no more.
        let linted = shop.tool("lint").arg("--all").run().success();
        assert_eq!(linted.result()["files"], 1, "{linted}");
        let file =
            |name: &str| shop.tool("lint").arg(shop.directory.join(format!("shop/migrations/{name}.py")));
        file("0001_squashed_0004_index").run().success();
        file("0002_total").run().exit(2).says("another migration stands in its place");
    }
}

/// A squashed migration can be squashed where Django can have that: since 6.0.
fn again(shop: &Shop) {
    shop.does("0005_more", "0001_squashed_0004_index", "migrations.RunSQL('SELECT 1', elidable=True)");
    let squash = shop.squash(&["shop", "0005", "--dry-run"]);
    if shop.python.django() < 6 {
        squash.run().exit(2).says("has been put together itself");
    } else {
        let made = squash.run().success();
        let replaces = &made.record("squash")["replaces"];
        assert_eq!(*replaces, serde_json::json!(["shop.0001_squashed_0004_index", "shop.0005_more"]));
        let trials: Vec<_> = made.records_of("trial").iter().map(|record| record["from"].clone()).collect();
        let states = [
            "nothing",
            "shop.0001_initial",
            "shop.0002_total",
            "shop.0003_fill",
            "shop.0004_index",
            "shop.0005_more",
        ];
        assert_eq!(trials, states, "{made}");
    }
    std::fs::remove_file(shop.directory.join("shop/migrations/0005_more.py")).unwrap();
}

#[test]
fn what_is_left_out_and_makes_a_difference_is_found_and_nothing_is_written() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    let sql = |more: &str| {
        format!(
            "migrations.RunSQL('CREATE INDEX by_name ON shop_customer (name)', 'DROP INDEX by_name'{more})"
        )
    };
    shop.does("0003_fill", "0002_total", &sql(", elidable=True"));
    std::fs::remove_file(shop.directory.join("shop/migrations/0004_index.py")).unwrap();
    let files = shop.files();
    let failed = shop.squash(&["shop", "0003"]).run().exit(3).says("index \"public\".\"by_name\"");
    let failed = failed.says("from nothing on");
    assert_eq!(failed.record("error")["code"], "squash_differs");
    assert_eq!(how(&failed), [("shop.0003_fill".to_owned(), "left_out".to_owned())]);
    assert_eq!(shop.files(), files);
    let made = shop.squash(&["shop", "0003", "--no-optimize"]).run().success();
    assert_eq!(how(&made), [("shop.0003_fill".to_owned(), "kept".to_owned())]);
    assert_eq!(shop.files(), files + 1);
}

#[test]
fn what_the_optimizer_gets_wrong_is_found() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    std::fs::remove_file(shop.directory.join("shop/migrations/0004_index.py")).unwrap();
    // It leaves the foreign key of the other model at the old name.
    shop.does("0003_fill", "0002_total", "migrations.RenameModel('Customer', 'Buyer')");
    let failed =
        shop.squash(&["shop", "0003", "--no-check"]).run().exit(3).says("Alter field customer on order");
    assert_eq!(failed.record("error")["code"], "squash_differs");
}

#[test]
fn names_that_django_and_postgresql_make_up_may_be_others_and_that_is_told() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    std::fs::remove_file(shop.directory.join("shop/migrations/0004_index.py")).unwrap();
    shop.does(
        "0003_fill",
        "0002_total",
        "migrations.RenameField('order', 'code', 'kode'), migrations.RenameField('customer', 'name', 'title')",
    );
    let made = shop.squash(&["shop", "0003"]).run().success();
    assert_eq!(made.records_of("trial").len(), 4, "{made}");
    let warnings = made.records_of("warning");
    assert_eq!((warnings.len(), &warnings[0]["code"]), (1, &"other_names".into()), "{made}");
    made.says("2 names that are made up").says("shop_order_kode_");
}

#[test]
fn rows_that_no_longer_come_are_told() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    let path = shop.directory.join("shop/migrations/0003_fill.py");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("RunPython.noop)", "RunPython.noop, elidable=True)")).unwrap();
    let made = shop.squash(&["shop", "0003", "--dry-run"]).run().success();
    let warning = made.records_of("warning").into_iter().next_back().unwrap();
    assert_eq!(warning["code"], "rows_differ", "{made}");
    made.says("0 rows come into \"public\".\"shop_customer\"");
}

#[test]
fn what_needs_itself_through_another_app_is_named_and_the_parts_can_be_put_together() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    let settings = std::fs::read_to_string(shop.directory.join("site_settings.py")).unwrap();
    shop.directory.write("site_settings.py", settings.replace("\"shop\"]", "\"shop\", \"stock\"]"));
    shop.directory.write("stock/__init__.py", "");
    shop.directory.write("stock/migrations/__init__.py", "");
    shop.directory.write(
        "stock/migrations/0001_initial.py",
        format!(
            "{HEAD}dependencies = [('shop', '0002_total')]\n    operations = [migrations.CreateModel('Part', [('id', models.AutoField(primary_key=True)), \
             ('order', models.ForeignKey('shop.Order', models.CASCADE))])]\n"
        ),
    );
    shop.migration(
        "0003_fill",
        &format!(
            "{HEAD}dependencies = [('shop', '0002_total'), ('stock', '0001_initial')]\n    operations = [migrations.AddField('customer', 'part', \
             models.ForeignKey('stock.Part', models.CASCADE, null=True))]\n"
        ),
    );
    shop.does(
        "0004_index",
        "0003_fill",
        "migrations.AddField('customer', 'more', models.IntegerField(null=True))",
    );
    let failed = shop.squash(&["shop", "0004", "--no-check"]).run().exit(6);
    failed
        .says("shop.0003_fill needs stock.0001_initial, which needs shop.0002_total")
        .says("up to 0002_total, and from 0003_fill on");
    shop.squash(&["shop", "0001", "0002", "--no-check"]).run().success();
    let made = shop.squash(&["shop", "0003", "0004", "--name", "later"]).run().success();
    assert_eq!(made.record("created")["version"], "shop.0003_later");
    let applied = shop.apply().run().success();
    let versions: Vec<_> =
        applied.records_of("migration").iter().map(|record| record["version"].clone()).collect();
    assert_eq!(
        versions[versions.len() - 3..],
        ["shop.0001_initial_squashed_0002_total", "stock.0001_initial", "shop.0003_later"],
        "{applied}"
    );
}

#[test]
fn what_cannot_be_meant_is_told() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    let refused = |words: &[&str], why: &str| {
        shop.squash(words).arg("--no-check").run().exit(2).says(why);
    };
    let elsewhere = testkit::Tool::named("pgshift").args(["squash", "shop", "0002"]);
    let nowhere = TempDir::new();
    elsewhere.directory(nowhere.path()).run().exit(2).says("and none is here");
    refused(&["shop"], "pgshift squash APP [FROM] TO");
    refused(&["shop", "0001"], "alone is nothing to put together");
    refused(&["shop", "0003", "0002"], "does not come before");
    refused(&["shop", "0009"], "no migration '0009' in shop");
    refused(&["nothing", "0001"], "no app 'nothing'");
    refused(&["shop", "0002", "--name", "initial"], "there is a migration shop.0001_initial already");
    refused(&["shop", "0002", "--name", "a b/c"], "is no name for a file that Python can read");
    shop.does("0003_fill", "0002_total", "migrations.RunSQL('SELECT nothing')");
    shop.squash(&["shop", "0003"])
        .run()
        .exit(3)
        .says("the project's own migrations fail")
        .says("in shop.0003_fill");
}

#[test]
fn an_operation_that_does_not_say_how_it_is_written_is_named() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    let own = "\n\nclass Copy(migrations.RunPython):\n    def __init__(self, table):\n        \
        super().__init__(migrations.RunPython.noop)\n\n\nclass Migration";
    for operation in ["Copy('t')", "migrations.SeparateDatabaseAndState(database_operations=(Copy('t'),))"] {
        let text = format!("{HEAD}dependencies = [('shop', '0004_index')]\n    operations = [{operation}]\n");
        shop.migration("0005_own", &text.replace("\n\nclass Migration", own));
        shop.squash(&["shop", "0005", "--no-check"])
            .run()
            .exit(3)
            .says("Copy of shop.0005_own cannot be written into another file: TypeError")
            .says("deconstruct()");
    }
    shop.squash(&["shop", "0004", "--no-check"]).run().success();
}

#[test]
fn a_default_for_the_rows_of_one_moment_does_not_stay_in_the_model() {
    for python in pythons() {
        let shop = Shop::new(&python);
        shop.does(
            "0005_moment",
            "0004_index",
            "migrations.CreateModel('Till', [('id', models.BigAutoField(primary_key=True)), ('a', models.IntegerField(null=True))]), \
             migrations.AlterField('till', 'a', models.IntegerField(default=1), preserve_default=False), \
             migrations.AddField('till', 'b', models.IntegerField(default=2), preserve_default=False), \
             migrations.AddField('order', 'c', models.IntegerField(default=0)), \
             migrations.AlterField('order', 'c', models.IntegerField(default=3), preserve_default=False)",
        );
        shop.does(
            "0006_more",
            "0005_moment",
            "migrations.AddField('till', 'd', models.IntegerField(default=4))",
        );
        // Of the table that is made anew no row needs it; of the other one, rows do.
        let made = shop.squash(&["shop", "0005", "0006", "--dry-run"]).run().success();
        let text = made.record("squash")["text"].as_str().unwrap();
        let mut defaults: Vec<_> =
            text.match_indices("default=").map(|(at, _)| &text[at + 8..at + 9]).collect();
        defaults.sort_unstable();
        assert_eq!(defaults, ["3", "4", "F"], "{text}");
        assert_eq!(made.record("squash")["operations"], 2, "{made}");
    }
}

#[test]
fn a_handler_of_post_migrate_that_needs_all_tables_does_not_fail_the_trial() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    shop.does(
        "0005_till",
        "0004_index",
        "migrations.CreateModel('Till', [('id', models.BigAutoField(primary_key=True))])",
    );
    shop.append(
        "shop/models.py",
        "from django.db.models.signals import post_migrate\n\n\n\
         def count(using, **named):\n    from django.db import connections\n\n    \
         connections[using].cursor().execute('SELECT count(*) FROM shop_till')\n\n\npost_migrate.connect(count)\n",
    );
    let made = shop.squash(&["shop", "0004", "--dry-run"]).run().success();
    assert_eq!(made.records_of("trial").len(), 5, "{made}");
}
