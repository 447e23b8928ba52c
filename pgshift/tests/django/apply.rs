//! From nothing: status, plan, check and apply say and do what Django's own commands do.

use super::{Shop, python, pythons};

#[test]
fn apply_makes_the_database_that_migrate_makes_on_the_oldest_and_the_newest_django() {
    for python in pythons() {
        let shop = Shop::new(&python);
        let applied = shop.apply().run().success();
        let migrations = applied.records_of("migration");
        assert_eq!(migrations.len(), 18, "{applied}");
        assert!(migrations.iter().all(|record| record["state"] == "applied"), "{applied}");
        assert_eq!(applied.result()["convention"], "django");
        assert!(shop.states().iter().all(|(_, state)| state == "applied"));
        shop.tool("check").run().success();
        // The index that is built outside of a transaction is told as an operation of its own.
        let index = applied
            .records_of("operation")
            .into_iter()
            .find(|record| record["kind"] == "AddIndexConcurrently");
        assert_eq!(index.unwrap()["transaction"], false, "{applied}");
        shop.is_as_django_makes_it();
        let again = shop.apply().run().success();
        assert!(again.records_of("migration").is_empty(), "{again}");
    }
}

#[test]
fn content_types_and_permissions_are_there_after_apply() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    shop.up_to("0002");
    assert_eq!(shop.recorded(), ["0001_initial", "0002_total"]);
    let permissions =
        shop.database.scalar("SELECT count(*) FROM auth_permission WHERE codename LIKE '%_order'");
    assert_eq!(permissions, "4");
    shop.tool("check").run().exit(1).says("2 migrations pending");
}

#[test]
fn plan_and_status_say_what_django_says_and_where_the_sql_is_not_known() {
    for python in pythons() {
        let shop = Shop::new(&python);
        let (_, said) = shop.manage(&shop.database, &["showmigrations", "--plan"]);
        let theirs: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("[ ]  ")).collect();
        let ours: Vec<String> = shop.states().into_iter().map(|(version, _)| version).collect();
        assert_eq!(ours, theirs);
        let plan = shop.tool("plan").run().success();
        let statements = plan.records_of("statement");
        let of = |version: &str| {
            let of = statements.iter().filter(|record| record["version"] == version);
            of.map(|record| (record["sql"].as_str().unwrap(), record["exact"].as_bool().unwrap()))
                .collect::<Vec<_>>()
        };
        assert_eq!(of("shop.0003_fill"), [("-- RunPython: RunPython(fill)", false)], "{plan}");
        assert_eq!(
            of("shop.0002_total")[0],
            ("ALTER TABLE \"shop_order\" ADD COLUMN \"total\" numeric(10, 2) NULL", true)
        );
        assert_eq!(
            of("shop.0004_index")[2],
            ("CREATE INDEX CONCURRENTLY \"order_cents\" ON \"shop_order\" (\"cents\")", true)
        );
        assert_eq!(
            shop.database.scalar("SELECT count(*) FROM pg_class WHERE relname ~ '^(shop|django)_'"),
            "0"
        );
    }
}

#[test]
fn plan_of_what_depends_on_earlier_migrations_says_so() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    shop.migration(
        "0005_unique",
        "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n    \
         dependencies = [('shop', '0004_index')]\n    operations = [\n        \
         migrations.AlterUniqueTogether('order', {('cents', 'code')}),\n        \
         migrations.AlterUniqueTogether('order', set()),\n    ]\n",
    );
    let plan = shop.tool("plan").run().success();
    let last = plan.records_of("statement").into_iter().next_back().unwrap();
    assert_eq!((&last["exact"], &last["line"]), (&false.into(), &8.into()), "{plan}");
    assert!(last["unknown"].as_str().unwrap().contains("rehearse it on a copy"), "{plan}");
}

#[test]
fn a_database_with_rows_wants_a_proof() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    shop.up_to("0002");
    shop.tool("apply").run().exit(4).says("holds rows");
    assert_eq!(shop.recorded(), ["0001_initial", "0002_total"]);
}

#[test]
fn a_failing_migration_is_told_with_its_place_and_leaves_nothing() {
    for python in pythons() {
        let shop = Shop::new(&python);
        shop.migration(
            "0003_fill",
            "from django.db import migrations\n\n\ndef fill(apps, schema_editor):\n    \
             schema_editor.execute('CREATE TABLE left_behind (n int)')\n    \
             raise ValueError('no such customer')\n\n\nclass Migration(migrations.Migration):\n    \
             dependencies = [('shop', '0002_total')]\n    operations = [migrations.RunPython(fill)]\n",
        );
        let failed = shop.apply().run().exit(3);
        let failed =
            failed.says("shop/migrations/0003_fill.py:11: RunPython(fill): ValueError: no such customer");
        failed.says("shop/migrations/0003_fill.py:6: raise ValueError('no such customer')");
        assert_eq!(shop.recorded(), ["0001_initial", "0002_total"]);
        assert_eq!(shop.database.scalar("SELECT to_regclass('left_behind') IS NULL"), "t");
        assert_eq!(shop.database.scalar("SELECT count(*) FROM pgshift.django WHERE name = '0003_fill'"), "0");
    }
}

#[test]
fn nothing_is_written_into_the_project() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    let before = shop.directory.files();
    shop.tool("plan").run().success();
    shop.apply().run().success();
    assert_eq!(shop.directory.files(), before);
}

#[test]
fn a_project_in_another_language_is_written_and_compared_as_migrate_does_it_in_none() {
    for python in pythons() {
        let shop = Shop::new(&python);
        shop.append("site_settings.py", "USE_I18N = True\nLANGUAGE_CODE = 'de'\n");
        shop.does(
            "0005_monday",
            "0004_index",
            "migrations.RunPython(lambda apps, editor: apps.get_model('shop', 'Customer').objects.create(name=gettext('Monday')))",
        );
        let path = "shop/migrations/0005_monday.py";
        let text = std::fs::read_to_string(shop.directory.join(path)).unwrap();
        shop.directory.write(path, format!("from django.utils.translation import gettext\n{text}"));
        shop.apply().run().success();
        assert_eq!(shop.database.scalar("SELECT name FROM shop_customer WHERE name <> 'first'"), "Monday");
        let checked = shop.tool("check").run().success();
        assert!(checked.records_of("warning").is_empty(), "{checked}");
        shop.is_as_django_makes_it();
    }
}

#[test]
fn plan_names_a_migration_that_runs_nothing() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    shop.does("0005_named", "0004_index", "migrations.AlterModelOptions('order', {'verbose_name': 'sale'})");
    shop.does("0006_nothing", "0005_named", "");
    let plan = shop.tool("plan").run().success();
    let statements = plan.records_of("statement");
    let mut ours: Vec<&str> = statements.iter().map(|record| record["version"].as_str().unwrap()).collect();
    ours.dedup();
    let (_, said) = shop.manage(&shop.database, &["migrate", "--plan"]);
    let theirs: Vec<&str> =
        said.lines().filter(|line| line.contains('.') && !line.starts_with(' ')).collect();
    assert_eq!(ours, theirs);
    let last: Vec<_> = statements[statements.len() - 2..].iter().map(|record| &record["sql"]).collect();
    let nothing = "-- AlterModelOptions: Change Meta options on order, which runs nothing";
    assert_eq!(last, [nothing, "-- no operations"]);
}
