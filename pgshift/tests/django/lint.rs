//! The rules of Django's own: each finds what it is for, its repaired form is silent, and small tables do not alarm.

use super::{Shop, python, pythons};
use serde_json::Value;
use testkit::{Outcome, Tool};

/// A project whose orders are many and whose customers are few.
fn shop(python: &super::Python) -> Shop {
    let shop = Shop::new(python);
    shop.apply().run().success();
    shop.database.run(
        "INSERT INTO shop_customer (id, name) VALUES (7, 'b') ON CONFLICT DO NOTHING; \
         INSERT INTO shop_order (customer_id, cents, code) SELECT 7, n, '' FROM generate_series(1, 300) n; ANALYZE",
    );
    shop
}

fn lint(shop: &Shop) -> Tool {
    shop.tool("lint").args(["--small-rows", "20"])
}

/// What stands in a migration: what comes before the class, whether it is atomic, its operations.
type Body = (&'static str, bool, &'static str);

fn write(shop: &Shop, bodies: &[(String, Body)]) {
    let mut last = "0004_index".to_owned();
    for (name, (head, atomic, operations)) in bodies {
        let atomic = if *atomic { "" } else { "    atomic = False\n" };
        let text = format!(
            "from django.db import migrations, models, transaction\n{head}\n\n\nclass Migration(migrations.Migration):\n{atomic}    \
             dependencies = [('shop', '{last}')]\n    operations = [\n        {operations},\n    ]\n"
        );
        shop.migration(name, &text);
        last.clone_from(name);
    }
}

fn findings<'a>(linted: &'a Outcome, name: &str) -> Vec<&'a Value> {
    let findings = linted.records_of("finding").into_iter();
    findings.filter(|finding| finding["file"].as_str().unwrap().contains(name)).collect()
}

fn rules<'a>(findings: &[&'a Value]) -> Vec<&'a str> {
    findings.iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}

/// Rule, severity, what it finds, and its repaired form.
const RULES: &[(&str, &str, Body, Body)] = &[
    (
        "django-required-field",
        "warning",
        ("", true, "migrations.AddField('order', 'state', models.CharField(max_length=5, default='new'))"),
        ("", true, "migrations.AddField('order', 'state', models.CharField(max_length=5, null=True))"),
    ),
    (
        "django-index",
        "error",
        ("", true, "migrations.AddIndex('order', models.Index(fields=['total'], name='order_total'))"),
        (
            "from django.contrib.postgres.operations import AddIndexConcurrently",
            false,
            "AddIndexConcurrently('order', models.Index(fields=['total'], name='order_total'))",
        ),
    ),
    (
        "django-index",
        "error",
        ("", true, "migrations.AlterField('order', 'cents', models.IntegerField(db_index=True))"),
        ("", true, "migrations.AlterField('order', 'cents', models.IntegerField(verbose_name='c'))"),
    ),
    (
        "django-narrowed-field",
        "warning",
        (
            "",
            true,
            "migrations.AlterField('order', 'total', models.DecimalField(max_digits=10, decimal_places=2))",
        ),
        (
            "",
            true,
            "migrations.AlterField('order', 'total', models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True))",
        ),
    ),
    (
        "django-rename",
        "warning",
        ("", true, "migrations.RenameField('order', 'total', 'amount')"),
        (
            "",
            true,
            "migrations.SeparateDatabaseAndState(state_operations=[migrations.RenameField('order', 'amount', 'total')])",
        ),
    ),
    (
        "django-irreversible",
        "warning",
        ("def work(apps, schema_editor): pass", true, "migrations.RunPython(work)"),
        (
            "def work(apps, schema_editor): pass",
            true,
            "migrations.RunPython(work, migrations.RunPython.noop)",
        ),
    ),
    (
        "django-irreversible",
        "warning",
        (
            "def work(apps, schema_editor): pass\ndef back(apps, schema_editor):\n    'no'\n    raise RuntimeError()",
            true,
            "migrations.RunPython(work, back)",
        ),
        ("", true, "migrations.RunSQL('SELECT 1', migrations.RunSQL.noop)"),
    ),
    (
        "django-unbatched",
        "error",
        (
            "def work(apps, schema_editor):\n    Order = apps.get_model('shop', 'Order')\n    for order in Order.objects.filter(cents__gt=1):\n        pass",
            false,
            "migrations.RunPython(work, migrations.RunPython.noop)",
        ),
        (
            "def work(apps, schema_editor):\n    Order = apps.get_model('shop', 'Order')\n    for order in Order.objects.filter(cents__gt=1).iterator():\n        pass",
            false,
            "migrations.RunPython(work, migrations.RunPython.noop)",
        ),
    ),
    (
        "django-long-transaction",
        "warning",
        (
            "def work(apps, schema_editor):\n    Order = apps.get_model('shop', 'Order')\n    for order in Order.objects.iterator():\n        order.save()",
            true,
            "migrations.RunPython(work, migrations.RunPython.noop)",
        ),
        (
            "def work(apps, schema_editor):\n    for one in apps.get_model('shop', 'Customer').objects.all():\n        one.save()",
            true,
            "migrations.RunPython(work, migrations.RunPython.noop)",
        ),
    ),
    (
        "django-data-and-schema",
        "error",
        (
            "def work(apps, schema_editor):\n    apps.get_model('shop', 'Customer').objects.create(name='c')",
            true,
            "migrations.AddField('order', 'note', models.TextField(null=True)), migrations.RunPython(work, migrations.RunPython.noop)",
        ),
        (
            "def work(apps, schema_editor):\n    apps.get_model('shop', 'Customer').objects.create(name='c')",
            true,
            "migrations.AddField('customer', 'note', models.TextField(null=True)), migrations.RunPython(work, migrations.RunPython.noop)",
        ),
    ),
    (
        "django-imported-model",
        "warning",
        (
            "from shop.models import Order\ndef work(apps, schema_editor):\n    Order.objects.first()",
            true,
            "migrations.RunPython(work, migrations.RunPython.noop)",
        ),
        (
            "import shop.models\ndef work(apps, schema_editor):\n    apps.get_model('shop', 'Order').objects.first()",
            true,
            "migrations.RunPython(work, migrations.RunPython.noop)",
        ),
    ),
    (
        "django-content-type",
        "error",
        (
            "from django.contrib.contenttypes.models import ContentType\ndef work(apps, schema_editor):\n    ContentType.objects.get_for_model(apps.get_model('shop', 'Order'))",
            true,
            "migrations.RunPython(work, migrations.RunPython.noop)",
        ),
        (
            "def work(apps, schema_editor):\n    ContentType = apps.get_model('contenttypes', 'ContentType')\n    ContentType.objects.get_for_model(apps.get_model('shop', 'Order'))",
            true,
            "migrations.RunPython(work, migrations.RunPython.noop)",
        ),
    ),
    (
        "ban-concurrent-index-creation-in-transaction",
        "error",
        (
            "from django.contrib.postgres.operations import AddIndexConcurrently",
            true,
            "AddIndexConcurrently('customer', models.Index(fields=['name'], name='customer_name'))",
        ),
        ("", true, "migrations.AddIndex('customer', models.Index(fields=['name'], name='customer_name'))"),
    ),
    (
        "django-remove-field",
        "warning",
        ("", true, "migrations.RemoveField('order', 'code')"),
        (
            "",
            true,
            "migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField('order', 'code')])",
        ),
    ),
    (
        "django-delete-model",
        "warning",
        ("", true, "migrations.DeleteModel('Order')"),
        ("", true, "migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel('Order')])"),
    ),
];

fn named(side: impl Fn(&'static (&str, &str, Body, Body)) -> Body) -> Vec<(String, Body)> {
    let numbered = RULES.iter().enumerate();
    numbered.map(|(at, rule)| (format!("{:04}_{}", at + 5, rule.0.replace('-', "_")), side(rule))).collect()
}

#[test]
fn each_rule_finds_what_it_is_for_with_code_that_does_better() {
    for python in pythons() {
        let shop = shop(&python);
        let bodies = named(|(_, _, bad, _)| *bad);
        write(&shop, &bodies);
        let linted = lint(&shop).run().exit(1);
        for ((rule, severity, ..), (name, _)) in RULES.iter().zip(&bodies) {
            let found = findings(&linted, name);
            assert!(rules(&found).contains(rule), "{name}: {:?}\n{linted}", rules(&found));
            let finding = found.iter().find(|finding| finding["rule"] == *rule).unwrap();
            assert_eq!(finding["severity"], *severity, "{finding}");
            assert!(finding["recipe"].is_string() || *rule == "django-narrowed-field", "{finding}");
        }
        let concurrent = &findings(&linted, "0006_")[0];
        let recipe = concurrent["recipe"].as_str().unwrap();
        assert!(recipe.contains("AddIndexConcurrently(\n") && recipe.contains("atomic = False"), "{recipe}");
        assert_eq!(concurrent["rows"], 300, "{concurrent}");
    }
}

#[test]
fn each_rule_of_django_has_an_example() {
    let told = Tool::named("pgshift").args(["lint", "--rules"]).run().success();
    let names = told.records_of("rule").into_iter().map(|record| record["rule"].as_str().unwrap());
    let ours: Vec<&str> = names.filter(|name| name.starts_with("django-")).collect();
    assert!(ours.len() >= 10, "{told}");
    for name in ours {
        assert!(RULES.iter().any(|(rule, ..)| *rule == name), "{name} has no example");
    }
}

#[test]
fn the_repaired_forms_are_silent() {
    let Some(python) = python() else { return };
    let shop = shop(&python);
    let mut bodies = named(|(_, _, _, good)| *good);
    // A field that is renamed only for Django has to have its other name first.
    bodies[4].1.2 = "migrations.SeparateDatabaseAndState(state_operations=[migrations.RenameField('order', 'total', 'amount'), \
                     migrations.RenameField('order', 'amount', 'total')])";
    // As older versions of Django have written that nothing is unique any more.
    bodies.insert(
        0,
        ("0099_nothing".to_owned(), ("", true, "migrations.AlterUniqueTogether('customer', None)")),
    );
    write(&shop, &bodies);
    let linted = lint(&shop).args(["--fail-on", "note"]).run().success();
    assert_eq!(linted.records_of("finding").len(), 0, "{linted}");
    assert_eq!(linted.result()["files"], bodies.len(), "{linted}");
}

#[test]
fn what_is_unique_together_may_be_written_as_lists() {
    let Some(python) = python() else { return };
    let shop = shop(&python);
    let options = "options={'unique_together': [['a', 'b']]}";
    let fields = "[('id', models.BigAutoField(primary_key=True)), ('a', models.IntegerField()), ('b', models.IntegerField())]";
    shop.does("0005_till", "0004_index", &format!("migrations.CreateModel('Till', {fields}, {options})"));
    shop.apply().run().success();
    shop.database.run("INSERT INTO shop_till (a, b) SELECT n, n FROM generate_series(1, 300) n; ANALYZE");
    let together = |what: &str, code: i32| {
        let operation = format!("migrations.AlterUniqueTogether('till', {what})");
        shop.does("0006_together", "0005_till", &operation);
        let linted = lint(&shop).args(["--fail-on", "note"]).run().exit(code);
        rules(&linted.records_of("finding")).len()
    };
    assert_eq!(together("[('a', 'b')]", 0), 0);
    assert_eq!(together("[['a', 'b'], ['b', 'a']]", 1), 1);
}

#[test]
fn small_tables_do_not_alarm_and_a_comment_with_a_reason_silences() {
    let Some(python) = python() else { return };
    let shop = shop(&python);
    let index = "migrations.AddIndex('order', models.Index(fields=['total'], name='order_total'))";
    write(&shop, &[("0005_index".to_owned(), ("", true, index))]);
    shop.tool("lint").run().success();
    lint(&shop).run().exit(1);
    let path = shop.directory.join("shop/migrations/0005_index.py");
    let text = std::fs::read_to_string(&path).unwrap();
    let with = |comment: &str| {
        std::fs::write(
            &path,
            text.replace("        migrations.Add", &format!("        # {comment}\n        migrations.Add")),
        )
        .unwrap();
    };
    with("pgshift: ignore django-index because it runs at night");
    lint(&shop).args(["--fail-on", "note"]).run().success();
    with("pgshift: ignore django-index");
    let linted = lint(&shop).run().success();
    assert_eq!(rules(&linted.records_of("finding")), ["ignore-without-reason"], "{linted}");
    // Of the applied ones, and of one file.
    std::fs::write(&path, &text).unwrap();
    let all = lint(&shop).arg("--all").run().exit(1);
    assert_eq!(all.result()["files"], 5, "{all}");
    let one = lint(&shop).arg(&path).run().exit(1);
    assert_eq!(rules(&one.records_of("finding")), ["django-index"], "{one}");
    lint(&shop).arg(shop.directory.join("manage.py")).run().exit(2).says("is no migration of the project");
}

#[test]
fn sql_of_the_project_is_judged_as_files_are() {
    let Some(python) = python() else { return };
    let shop = shop(&python);
    let update = "migrations.RunSQL('UPDATE shop_order SET total = 1', migrations.RunSQL.noop)";
    let dropped =
        "migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField('order', 'code')])";
    write(
        &shop,
        &[("0005_update".to_owned(), ("", true, update)), ("0006_forget".to_owned(), ("", true, dropped))],
    );
    let linted = lint(&shop).run().exit(1);
    assert_eq!(rules(&linted.records_of("finding")), ["whole-table-change"], "{linted}");
    assert_eq!(linted.record("finding")["line"], 8, "{linted}");
    shop.apply().run().success();
    // Nothing that runs asks for the column any more.
    let gone = "migrations.RunSQL('ALTER TABLE shop_order DROP COLUMN code', migrations.RunSQL.noop)";
    let used = "migrations.RunSQL('ALTER TABLE shop_order DROP COLUMN cents', migrations.RunSQL.noop)";
    shop.migration("0007_gone", &format!("from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    dependencies = [('shop', '0006_forget')]\n    operations = [{gone}]\n"));
    shop.migration("0008_used", &format!("from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    dependencies = [('shop', '0007_gone')]\n    operations = [{used}]\n"));
    let linted = lint(&shop).run().success();
    assert!(findings(&linted, "0007_gone").is_empty(), "{linted}");
    assert_eq!(rules(&findings(&linted, "0008_used")), ["ban-drop-column"], "{linted}");
}

#[test]
fn an_index_on_a_table_does_not_hide_what_else_comes_behind_the_lock_on_it() {
    let Some(python) = python() else { return };
    let shop = shop(&python);
    shop.database.run("CREATE TABLE big AS SELECT generate_series(1, 300) AS x; ANALYZE big");
    let operations = "migrations.AddField('order', 'state', models.CharField(max_length=5, null=True)),\n        \
                      migrations.AddIndex('order', models.Index(fields=['total'], name='order_total')),\n        \
                      migrations.RunSQL('ALTER TABLE big ADD CONSTRAINT b CHECK (x > 0)', migrations.RunSQL.noop)";
    write(&shop, &[("0005_all".to_owned(), ("", true, operations))]);
    let linted = lint(&shop).run().exit(1);
    let told: Vec<_> = linted
        .records_of("finding")
        .iter()
        .map(|finding| (finding["rule"].clone(), finding["line"].clone()))
        .collect();
    assert!(told.contains(&("django-index".into(), 9.into())), "{linted}");
    assert!(told.contains(&("statements-after-exclusive-lock".into(), 10.into())), "{linted}");
    assert!(!told.contains(&("statements-after-exclusive-lock".into(), 9.into())), "{linted}");
}

#[test]
fn plan_tells_what_alarms() {
    let Some(python) = python() else { return };
    let shop = shop(&python);
    let operations = "migrations.RemoveField('order', 'total'), migrations.RunPython(print)";
    write(&shop, &[("0005_all".to_owned(), ("", true, operations))]);
    let planned = shop.tool("plan").run().success();
    let alarms: Vec<&Value> = planned.records_of("finding");
    let severities: Vec<_> = alarms.iter().map(|finding| finding["severity"].clone()).collect();
    assert!(rules(&alarms).contains(&"django-remove-field"), "{planned}");
    assert!(!severities.contains(&"note".into()), "{planned}");
}
