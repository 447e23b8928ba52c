//! Assertions on the copy.

use super::{restore, shop, stored};
use testkit::TempDir;

#[test]
fn each_assertion_is_told_and_one_that_does_not_hold_is_a_no() {
    let database = shop();
    let store = stored(&database);
    let place = TempDir::new();
    std::fs::write(
        place.join("a.sql"),
        "-- orders cost something\nSELECT id FROM orders WHERE total <= 0;\n/* there are orders */ SELECT count(*) > 0 FROM orders;\n",
    )
    .unwrap();
    let verified = restore(&store).arg("--checks").arg(place.path()).run().success();
    let names: Vec<_> = verified.records_of("check").iter().map(|check| check["name"].clone()).collect();
    assert_eq!(names, ["orders cost something", "there are orders"], "{verified}");
    assert_eq!(verified.result()["checks_passed"], 2);

    std::fs::write(
        place.join("b.sql"),
        "-- all have names\nSELECT id FROM customers WHERE name IS NULL;\n-- nonsense\nSELECT * FROM missing;\n-- writes\nDELETE FROM orders;",
    )
    .unwrap();
    let failed =
        restore(&store).arg("--checks").arg(place.path()).run().exit(1).says("1 assertion does not hold");
    let verdicts: Vec<_> = failed.records_of("check").iter().map(|check| check["verdict"].clone()).collect();
    assert_eq!(verdicts, ["passed", "passed", "failed", "error", "error"], "{failed}");
    assert_eq!(failed.records_of("check")[2]["violations"], 1);
    assert_eq!(
        (&failed.result()["checks_passed"], &failed.result()["checks_failed"]),
        (&2.into(), &3.into())
    );

    // What could not be told is no "no".
    std::fs::write(place.join("b.sql"), "SELECT * FROM missing").unwrap();
    restore(&store).arg("--checks").arg(place.path()).run().exit(3).says("could not be run");
}

#[test]
fn no_assertion_is_wrong_usage_before_anything_is_restored() {
    let database = shop();
    let store = stored(&database);
    let place = TempDir::new();
    std::fs::write(place.join("empty.sql"), "-- nothing\n").unwrap();
    let refused = restore(&store).arg("--checks").arg(place.path()).run().exit(2).says("no assertion found");
    assert!(refused.records_of("step").is_empty(), "{refused}");
    restore(&store).args(["--checks", "/no/such/file.sql"]).run().exit(2);
}
