//! The migration of the runbooks: employees get users, addresses a table of their own, organizations a default currency.
//!
//! First as many would write it, then repaired; with what each step of the runbook says of both.

use super::{Shop, pythons};
use testkit::{Outcome, TempDir, Tool};

/// The project at the state from which the migration starts, with its rows.
fn crm(python: &super::Python) -> Shop {
    let shop = Shop::named(python, "crm");
    shop.apply().args(["--to", "crm.0001"]).run().success();
    let data = std::fs::read_to_string(shop.directory.join("data.sql")).unwrap();
    shop.database.run(&data);
    shop
}

impl Shop {
    /// Puts the repaired migrations in the place of those with the mistakes.
    fn repair(&self) {
        super::copy(&self.directory.join("repaired"), &self.directory.join("crm/migrations"));
    }

    /// What the lint says, with a table that is large already at 250 rows.
    fn lint(&self) -> Tool {
        self.tool("lint").args(["--small-rows", "250"])
    }

    fn rehearsal(&self, snapshot: &[u8], store: &TempDir) -> Tool {
        let restore = Tool::named("pgverify").args(["restore", "-"]).store(store.path()).input(snapshot);
        let pgshift = Tool::named("pgshift");
        let tool = restore.arg("--").arg(pgshift.program()).args(["apply", "--trace", "--django"]);
        self.lead(tool.arg(self.directory.join("manage.py")).arg("--python").arg(&self.python.0))
    }

    fn checklist(&self) -> Outcome {
        let checklist = self.directory.join("checklist.sql");
        Tool::named("pgcheckpoint").arg("assert").database(&self.database).arg(checklist).run()
    }
}

/// Rule and line of what was found in a file.
fn found(linted: &Outcome, file: &str) -> Vec<(String, u64)> {
    let findings = linted.records_of("finding").into_iter();
    let of_file = findings.filter(|finding| finding["file"].as_str().unwrap().ends_with(file));
    of_file
        .map(|finding| (finding["rule"].as_str().unwrap().to_owned(), finding["line"].as_u64().unwrap()))
        .collect()
}

#[test]
fn the_lint_finds_the_mistakes_and_nothing_in_the_repaired_one() {
    for python in pythons() {
        let shop = crm(&python);
        let linted = shop.lint().run().exit(1);
        let data = found(&linted, "0003_redundant_data.py");
        for (rule, line) in [
            ("django-unbatched", 11),
            ("django-unbatched", 29),
            ("django-content-type", 28),
            ("django-irreversible", 51),
            ("django-long-transaction", 51),
        ] {
            assert!(data.contains(&(rule.to_owned(), line)), "{rule}:{line} is not in {data:?}: {linted}");
        }
        let schema = found(&linted, "0004_employees.py");
        for rule in ["django-remove-field", "django-narrowed-field"] {
            assert!(schema.iter().any(|(found, _)| found == rule), "{rule} is not in {schema:?}: {linted}");
        }
        // No table that it goes through is large any more.
        let small = shop.tool("lint").run().exit(1);
        assert!(!found(&small, "0003_redundant_data.py").iter().any(|(rule, _)| rule == "django-unbatched"));
        shop.repair();
        let linted = shop.lint().args(["--fail-on", "note"]).run().success();
        assert_eq!(linted.records_of("finding").len(), 0, "{linted}");
    }
}

#[test]
fn a_rehearsal_shows_what_would_happen_and_the_repaired_one_runs_gated_and_proves_the_checklist() {
    // One Django is enough for each push.
    for python in pythons().into_iter().take(1 + usize::from(testkit::is_long())) {
        let shop = crm(&python);
        let store = TempDir::new();
        let created = Tool::pgsnap("create").database(&shop.database).store(store.path()).run().success();
        let failed = shop.rehearsal(created.stdout_bytes(), &store).run().exit(3);
        failed.says("0003_redundant_data.py:51: RunPython(contacts_to_users)").says("crm_user_username_key");
        // Without the two that share an address, the next mistake is in the way.
        shop.database.run("UPDATE employees SET email = id || '@example.com'");
        let created = Tool::pgsnap("create").database(&shop.database).store(store.path()).run().success();
        let failed = shop.rehearsal(created.stdout_bytes(), &store).run().exit(3);
        failed.says("must be a \"ContentType\" instance");
        shop.database.run("UPDATE employees SET email = 'e' || id / 2 || '@example.com'");
        shop.repair();
        let created = Tool::pgsnap("create").database(&shop.database).store(store.path()).run().success();
        let rehearsed = shop.rehearsal(created.stdout_bytes(), &store).run().success();
        assert!(rehearsed.records_of("operation").len() >= 8, "{rehearsed}");
        assert_eq!(shop.recorded_of("crm"), ["0001_initial"], "the source was changed");
        let verify = Tool::named("pgverify").args(["restore", "-"]).store(store.path());
        let proof = verify.input(created.stdout_bytes()).run().success();
        let applied = shop.tool("apply").arg("-").input(proof.stdout_bytes()).run().success();
        let last = applied.records_of("migration").into_iter().next_back().unwrap();
        assert_eq!((&last["version"], &last["state"]), (&"crm.0006_users_given".into(), &"applied".into()));
        shop.checklist().success();
        shop.tool("check").run().success();
        // The checklist can fail.
        shop.database.run("UPDATE organizations SET default_currency = NULL WHERE id = 1");
        shop.checklist().exit(1);
    }
}
