//! A check without a test of its trouble, or of its silence, is no check: the sources of these tests are searched for both.

use std::collections::BTreeSet;
use std::path::Path;
use testkit::Tool;

/// Checks whose trouble has no database to be asked of.
const OTHERWISE: [(&str, &str); 1] =
    [("availability.connect", "connecting_is_measured_and_a_server_that_is_not_there_is_critical")];

/// The checks that are given by their name to one of these helpers.
fn given_to(helpers: &[&str], sources: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for helper in helpers {
        for call in sources.split(&format!("{helper}(")).skip(1) {
            // `&database, "group.name", …`
            let mut arguments = call.splitn(3, ',');
            let second = arguments.nth(1).unwrap_or_default().trim();
            found.extend(second.strip_prefix('"').and_then(|name| name.strip_suffix('"')).map(str::to_owned));
        }
    }
    found
}

#[test]
fn every_check_has_a_test_that_makes_its_trouble_and_one_that_sees_it_quiet() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks");
    let files = here.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let sources: String = files
        .filter(|path| !path.ends_with("guard.rs"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let (mut provoked, mut quiet) =
        (given_to(&["flags", "comes"], &sources), given_to(&["quiet", "spares"], &sources));
    for (check, test) in OTHERWISE {
        assert!(sources.contains(&format!("fn {test}()")), "where is {test}?");
        provoked.insert(check.to_owned());
        quiet.insert(check.to_owned());
    }
    let list = Tool::named("pgcheckpoint").arg("list").run().success();
    let listed: BTreeSet<String> = list
        .records_of("listed_check")
        .iter()
        .map(|check| check["check"].as_str().unwrap().to_owned())
        .collect();
    let lacks = |tested: &BTreeSet<String>| listed.difference(tested).cloned().collect::<Vec<_>>();
    assert_eq!(lacks(&provoked), Vec::<String>::new(), "no test makes the trouble of these");
    assert_eq!(lacks(&quiet), Vec::<String>::new(), "no test sees these quiet");
    let unknown: Vec<_> = provoked.difference(&listed).collect();
    assert!(unknown.is_empty(), "tests of checks that there are not: {unknown:?}");
}
