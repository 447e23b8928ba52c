//! Contradictions between files, Django's record and the journal, each with its exit code and the way out.

use super::{Shop, python, pythons};

const HEAD: &str =
    "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n    ";

fn field(name: &str, after: &str) -> String {
    format!(
        "{HEAD}dependencies = [('shop', '{after}')]\n    operations = [migrations.AddField('customer', '{name}', models.IntegerField(null=True))]\n"
    )
}

#[test]
fn two_branches_are_named_and_joined_only_where_they_touch_different_things() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    shop.migration("0005_x", &field("x", "0004_index"));
    shop.migration("0005_y", &field("y", "0004_index"));
    let checked =
        shop.tool("check").run().exit(6).says("shop has branches that nothing joins: 0005_x | 0005_y");
    assert_eq!(checked.record("error")["code"], "leaves");
    shop.apply().run().exit(6).says("pgshift new --merge");
    shop.migration("0006_y", &field("x", "0005_y"));
    shop.tool("new").arg("--merge").run().exit(6).says("touch the same");
    std::fs::remove_file(shop.directory.join("shop/migrations/0006_y.py")).unwrap();
    // On a full disk no half of a file stays.
    let full = format!("sh -c 'ulimit -f 0; exec \"$@\"' sh {}", python.0.display());
    let merge = shop.lead(testkit::Tool::named("pgshift").args([
        "new",
        "--merge",
        "--django-command",
        &full,
        "--django",
    ]));
    let place = shop.directory.join("shop/migrations/0006_merge_0005_x_0005_y.py");
    merge.arg(shop.directory.join("manage.py")).run().exit(3).says("cannot write").says("File too large");
    assert!(!place.exists());
    let made = shop.tool("new").arg("--merge").run().success();
    assert_eq!(made.record("created")["version"], "shop.0006_merge_0005_x_0005_y");
    let applied = shop.apply().run().success();
    assert_eq!(applied.records_of("migration").len(), 21, "{applied}");
}

#[test]
fn an_edited_renamed_or_vanished_file_is_found() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    shop.apply().run().success();
    let path = shop.directory.join("shop/migrations/0002_total.py");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("# a comment\n{}", text.replace('"', "'"))).unwrap();
    shop.tool("check").run().success();
    std::fs::write(&path, text.replace("max_length=20", "max_length=30")).unwrap();
    let checked = shop.tool("check").run().exit(7);
    assert!(checked.records_of("conflict").iter().any(|record| record["conflict"] == "edited"), "{checked}");
    shop.apply().run().exit(7).says("0002_total.py is not what was applied as shop.0002_total");
    shop.apply().args(["--accept", "shop.0002_total"]).run().success();
    std::fs::write(&path, text).unwrap();
    shop.apply().args(["--accept", "shop.0002_total"]).run().success();
    shop.tool("check").run().success();
    let last = shop.directory.join("shop/migrations/0004_index.py");
    std::fs::rename(&last, shop.directory.join("shop/migrations/0004_renamed.py")).unwrap();
    let checked = shop
        .tool("check")
        .run()
        .exit(7)
        .says("shop.0004_index was applied, and is called shop.0004_renamed now");
    assert_eq!(checked.record("error")["code"], "renamed");
    std::fs::remove_file(shop.directory.join("shop/migrations/0004_renamed.py")).unwrap();
    shop.tool("check").run().exit(7).says("shop.0004_index was applied, and there is no such file");
    shop.apply().args(["--accept", "shop.0004_index"]).run().success();
    assert_eq!(shop.states().last().unwrap(), &("shop.0003_fill".to_owned(), "applied".to_owned()));
}

#[test]
fn a_history_in_the_wrong_order_and_models_without_migrations_have_codes_of_their_own() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    shop.apply().run().success();
    let models = std::fs::read_to_string(shop.directory.join("shop/models.py")).unwrap();
    shop.directory.write("shop/models.py", models.replace("max_length=100", "max_length=90"));
    let checked =
        shop.tool("check").run().exit(7).says("the models of shop have changes without a migration");
    assert_eq!(checked.record("error")["code"], "models");
    shop.directory.write("shop/models.py", models);
    shop.database.run("DELETE FROM django_migrations WHERE app = 'shop' AND name = '0002_total'; ALTER TABLE shop_order DROP COLUMN code");
    let checked = shop.tool("check").run().exit(9).says("is applied before its dependency shop.0002_total");
    assert_eq!(checked.record("error")["code"], "inconsistent");
    shop.apply().run().exit(9);
}

#[test]
fn a_migration_that_somebody_only_said_was_applied_is_found() {
    for python in pythons() {
        let shop = Shop::new(&python);
        shop.up_to("0001_initial");
        let fake = |to: &str| {
            let (worked, said) = shop.manage(&shop.database, &["migrate", "--fake", "shop", to]);
            assert!(worked, "{said}");
        };
        let of_shop = || -> Vec<String> {
            shop.states()
                .into_iter()
                .filter(|(name, _)| name.starts_with("shop."))
                .map(|(_, state)| state)
                .collect()
        };
        fake("0002_total");
        assert_eq!(of_shop(), ["applied", "faked", "pending", "pending"]);
        let checked = shop.tool("check").run().exit(7);
        let checked = checked
            .says("shop.0002_total, and what it makes is not there: column shop_order.code and 1 more");
        assert_eq!(checked.record("error")["code"], "faked");
        fake("0001_initial");
        shop.apply().run().success();
        assert_eq!(of_shop(), ["applied"; 4]);
        shop.tool("check").run().success();
        // What has the name of a table is one.
        shop.database.run("ALTER TABLE shop_order RENAME TO orders; CREATE VIEW shop_order AS TABLE orders");
        shop.tool("check").run().success();
        shop.database.run("DROP VIEW shop_order");
        shop.tool("check")
            .run()
            .exit(7)
            .says("shop.0001_initial, and what it makes is not there: table shop_order");
    }
}

#[test]
fn a_record_that_somebody_took_away_is_written_again() {
    for python in pythons() {
        let shop = Shop::new(&python);
        shop.apply().run().success();
        let forget = |names: &str| {
            shop.database
                .run(&format!("DELETE FROM django_migrations WHERE app = 'shop' AND name IN ({names})"));
        };
        forget("'0002_total'");
        shop.tool("check").run().exit(8).says("pgshift apply records it");
        shop.apply().run().success().says("shop.0002_total is applied, and Django has no record of it");
        shop.tool("check").run().success();
        forget("'0002_total', '0003_fill', '0004_index'");
        let checked = shop.tool("check").run().exit(8);
        checked.says("shop.0002_total is applied, and Django has no record of it");
        let applied = shop.apply().args(["--to", "shop.0002"]).run().success();
        assert_eq!(applied.records_of("migration").len(), 1, "{applied}");
        assert!(applied.records_of("operation").is_empty(), "{applied}");
        assert_eq!(shop.recorded(), ["0001_initial", "0002_total"]);
        // What was taken back with Django's own command is pending again, whatever the journal says.
        let (worked, said) = shop.manage(&shop.database, &["migrate", "shop", "0001_initial"]);
        assert!(worked, "{said}");
        assert_eq!(shop.states().last_chunk::<3>().unwrap().clone().map(|(_, state)| state), ["pending"; 3]);
    }
}

#[test]
fn a_makemigrations_of_the_project_decides_what_is_a_change() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    shop.apply().run().success();
    shop.append("shop/models.py", "Customer._meta.get_field('name').help_text = 'as on the card'\n");
    shop.tool("check").run().exit(7).says("Alter field name on customer");
    // Some projects leave out of it what no database sees.
    let command = "shop/management/commands/makemigrations.py";
    shop.directory.write("shop/management/__init__.py", "");
    shop.directory.write("shop/management/commands/__init__.py", "");
    shop.directory.write(
        command,
        "from django.core.management.commands import makemigrations\nfrom django.db.models import Field\n\n\n\
         def silent(field, usual=Field.deconstruct):\n    told = usual(field)\n    told[3].pop('help_text', None)\n    return told\n\n\n\
         class Command(makemigrations.Command):\n    def handle(self, *args, **options):\n        \
         Field.deconstruct = silent\n        super().handle(*args, **options)\n",
    );
    shop.tool("check").run().success();
    shop.append("shop/models.py", "Customer._meta.get_field('name').max_length = 200\n");
    shop.tool("check").run().exit(7).says("Alter field name on customer");
}
