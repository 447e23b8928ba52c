//! What is wrong with the project or its place: said in a few lines, with the way out.

use super::{Shop, python, pythons};

#[test]
fn a_project_that_cannot_be_loaded_is_told_with_its_last_lines() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    let settings = std::fs::read_to_string(shop.directory.join("site_settings.py")).unwrap();
    shop.directory.write("site_settings.py", format!("{settings}\nSECRET = os.environ['NOT_THERE']\n"));
    let failed =
        shop.tool("status").run().exit(3).says("the project cannot be loaded").says("KeyError: 'NOT_THERE'");
    failed.says("SECRET = os.environ['NOT_THERE']");
    shop.directory.write("site_settings.py", settings);
    shop.tool("status").env("SHOP_DATABASE", "not_there").run().exit(3).says("not_there");
    shop.tool("status").args(["--database", "other"]).run().exit(2).says("they have: default");
    shop.directory.write("shop/models.py", "import nothing_of_this_name\n");
    shop.tool("status").run().exit(3).says("No module named 'nothing_of_this_name'").says("shop/models.py:1");
    shop.tool("status").args(["--settings", "no_such_settings"]).run().exit(3).says("no_such_settings");
}

#[test]
fn an_interpreter_without_django_and_one_that_is_not_there_are_told() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    let tool = |interpreter: &str| {
        let tool = testkit::Tool::named("pgshift").args(["status", "--python", interpreter, "--django"]);
        tool.arg(shop.directory.join("manage.py"))
    };
    tool("/nowhere/python").run().exit(3).says("cannot run /nowhere/python");
    tool("/bin/cat").run().exit(3).says("/bin/cat");
}

#[test]
fn memory_is_limited_and_the_error_says_so() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    shop.migration(
        "0003_fill",
        "from django.db import migrations\n\n\ndef fill(apps, editor):\n    everything = [bytes(1000) for _ in range(10 ** 6)]\n\n\n\
         class Migration(migrations.Migration):\n    dependencies = [('shop', '0002_total')]\n    \
         operations = [migrations.RunPython(fill)]\n",
    );
    let failed = shop.apply().args(["--memory-limit", "300MB"]).run().exit(3).says("MemoryError");
    assert_eq!(failed.record("error")["code"], "out_of_memory");
    assert_eq!(shop.recorded(), ["0001_initial", "0002_total"]);
}

#[test]
fn a_command_in_another_place_is_an_argument_vector() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    let cluster = shop.database.cluster();
    let command = format!("env 'SHOP_NOTE=two words; $(nothing)' {}", python.0.display());
    let status = || {
        let tool = testkit::Tool::named("pgshift").args(["status", "--django-command", &command, "--django"]);
        let tool = tool.arg(shop.directory.join("manage.py")).env("SHOP_HOST", cluster.host());
        tool.env("SHOP_PORT", cluster.port().to_string()).env("SHOP_DATABASE", shop.database.name())
    };
    status().run().success();
    // It goes its own way, and what is told is of the database that was named, or nothing is.
    status().args(["-d", &shop.database.connection()]).run().success();
    let elsewhere = status().args(["-d", &shop.another_database().connection()]).run().exit(2);
    assert_eq!(elsewhere.record("error")["code"], "another_database");
}

#[test]
fn a_part_of_an_address_does_not_lead_to_another_server() {
    let Some(python) = python() else { return };
    let shop = Shop::new(&python);
    for part in [["-U", "postgres"], ["-h", "127.0.0.1"], ["-p", "5432"]] {
        shop.tool("status").args(part).run().exit(2).says("name it whole, with -d");
    }
}

/// What a migration's code does that is none of its business, and what holds then.
fn with_code(code: &str) -> Option<Shop> {
    let shop = Shop::new(&python()?);
    let body = format!(
        "import os\n\nfrom django.db import migrations\n\n\ndef fill(apps, editor):\n    \
         Customer = apps.get_model('shop', 'Customer')\n    Customer.objects.create(name='first')\n{code}    \
         Customer.objects.create(name='last')\n\n\nclass Migration(migrations.Migration):\n    \
         dependencies = [('shop', '0002_total')]\n    operations = [migrations.RunPython(fill)]\n"
    );
    shop.migration("0003_fill", &body);
    shop.up_to("0002");
    Some(shop)
}

fn names(shop: &Shop) -> String {
    shop.database.scalar("SELECT string_agg(name, ',' ORDER BY id) FROM shop_customer")
}

#[test]
fn a_child_that_a_migration_forks_and_does_not_end_does_not_speak_for_it() {
    let Some(shop) =
        with_code("    child = os.fork()\n    if child == 0:\n        return\n    os.waitpid(child, 0)\n")
    else {
        return;
    };
    let done = shop.apply().args(["--to", "shop.0003"]).run().success();
    done.says("a process that a migration forked came back out of it");
    assert_eq!(names(&shop), "first,last");
}

#[test]
fn a_helper_that_ends_in_a_migration_is_told_with_the_place() {
    let Some(shop) = with_code("    os._exit(7)\n") else { return };
    shop.apply()
        .run()
        .exit(3)
        .says("shop/migrations/0003_fill.py:15: RunPython(fill): ")
        .says("ended with exit code 7");
    assert_eq!(shop.recorded(), ["0001_initial", "0002_total"]);
}

#[test]
fn a_migration_may_end_its_own_transaction_as_with_django() {
    let Some(shop) = with_code("    editor.execute('COMMIT')\n") else { return };
    shop.apply().args(["--to", "shop.0003"]).run().success();
    assert_eq!(names(&shop), "first,last");
    assert_eq!(shop.recorded(), ["0001_initial", "0002_total", "0003_fill"]);
}

#[test]
fn what_a_migration_has_committed_by_itself_before_it_fails_is_told() {
    let Some(shop) = with_code("    editor.execute('COMMIT')\n    editor.execute('SELECT nothing')\n") else {
        return;
    };
    let failed = shop.apply().run().exit(8).says("what it did before that stays done");
    assert_eq!(failed.record("error")["code"], "committed_itself");
    assert_eq!(names(&shop), "first");
    assert_eq!(shop.recorded(), ["0001_initial", "0002_total"]);
}

#[test]
fn what_the_system_check_finds_ends_apply_check_and_revert_as_it_ends_migrate() {
    for python in pythons() {
        let shop = Shop::new(&python);
        shop.up_to("0002");
        shop.append(
            "shop/models.py",
            "from django.core import checks\n\n\n@checks.register()\ndef closed(app_configs, **named):\n    \
             return [checks.Error('the shop is closed', id='shop.E001'), checks.Warning('it rains', id='shop.W001')]\n",
        );
        assert!(!shop.manage(&shop.database, &["migrate"]).0);
        for tool in [shop.apply(), shop.tool("check"), shop.tool("revert").args(["shop", "0001"])] {
            let refused = tool.run().exit(3).says("(shop.E001) the shop is closed");
            assert_eq!(refused.record("error")["code"], "system_check");
        }
        assert_eq!(shop.recorded(), ["0001_initial", "0002_total"]);
        // What only looks has something to say all the same.
        shop.tool("plan").run().success();
        shop.tool("status").run().success();
        shop.append("site_settings.py", "SILENCED_SYSTEM_CHECKS = ['shop.E001']\n");
        shop.apply().run().success();
        shop.tool("check").run().success();
    }
}

#[test]
fn the_signal_that_was_never_sent_tells_of_what_was_run_before_it() {
    for python in pythons() {
        let shop = Shop::new(&python);
        shop.up_to("0002");
        let models = std::fs::read_to_string(shop.directory.join("shop/models.py")).unwrap();
        shop.append(
            "shop/models.py",
            "import os\nfrom django.db.models.signals import post_migrate\n\n\n\
             def tell(sender, plan, using, **named):\n    from django.db import connections\n\n    \
             if sender.label != 'shop':\n        return\n    if 'SHOP_BROKEN' in os.environ:\n        raise ValueError('broken')\n    \
             names = ' '.join(migration.name for migration, _ in plan)\n    \
             connections[using].cursor().execute('UPDATE shop_customer SET name = %s', [names])\n\n\npost_migrate.connect(tell)\n",
        );
        shop.apply()
            .args(["--to", "shop.0003"])
            .env("SHOP_BROKEN", "1")
            .run()
            .exit(3)
            .says("ValueError: broken");
        shop.tool("check").run().exit(8).says("before post_migrate was sent");
        shop.apply().env("SHOP_BROKEN", "1").run().exit(3).says("ValueError: broken");
        shop.apply().run().success().says("post_migrate was sent: it is sent");
        assert_eq!(shop.database.scalar("SELECT name FROM shop_customer"), "0003_fill 0004_index");
        shop.directory.write("shop/models.py", models);
        shop.tool("check").run().success();
    }
}
