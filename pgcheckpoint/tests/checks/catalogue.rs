//! All checks at once, on every version.

use super::look;
use std::collections::BTreeSet;
use testkit::{Cluster, Tool, majors, newest_major};

#[test]
fn a_superuser_can_make_every_check_on_every_version() {
    for major in majors() {
        let database = Cluster::shared(major).database("all");
        let mut run = Tool::named("pgcheckpoint").arg("run").database(&database).run();
        // The servers of the tests are set for speed, which is critical.
        assert_eq!(run.code(), 1, "{run}");
        let unknown: Vec<_> =
            run.records_of("check").into_iter().filter(|check| check["status"] == "unknown").collect();
        assert!(unknown.is_empty(), "PostgreSQL {major}: {unknown:#?}");
        assert!(run.result()["checks"].as_u64().unwrap() > 55, "{run}");
        for check in run.records_of("check") {
            let said = format!("{}{}", check["message"], check["hint"]);
            assert!(!said.contains(['{', '}']), "a place is not filled: {check}");
        }
    }
}

#[test]
fn every_check_is_listed_with_what_has_to_be_known_of_it() {
    let list = Tool::named("pgcheckpoint").arg("list").run().success();
    let listed = list.records_of("listed_check");
    assert!(listed.len() > 70, "{list}");
    for check in &listed {
        assert!(check["reads"].is_string() && check["about"].is_string(), "{check}");
    }
    let database = Cluster::shared(newest_major()).database("listed");
    let mut run = Tool::named("pgcheckpoint").arg("run").database(&database).run();
    run.code();
    let names: BTreeSet<_> = listed.iter().map(|check| check["check"].as_str().unwrap()).collect();
    for check in run.records_of("check") {
        assert!(names.contains(check["check"].as_str().unwrap()), "{check}");
    }
}

#[test]
fn a_check_that_was_asked_for_says_when_it_does_not_apply() {
    let database = super::database();
    let said = look(&database, "replication.paused", &[]);
    assert_eq!(said[0]["status"], "info");
    assert!(said[0]["message"].as_str().unwrap().contains("no standby"), "{said:?}");
}
