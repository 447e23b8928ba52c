//! `-d`: the copy beside the live database.

use super::{dump, shop, verify};

#[test]
fn a_dump_is_compared_with_the_database_that_it_is_of() {
    for format in ["--format=custom", "--format=plain"] {
        let database = shop();
        let connection = database.connection();
        let content = dump(&database, &[format]);
        let outcome = verify(&content, &["-d", &connection]).success();
        assert_eq!(outcome.result()["proved"], true, "{outcome}");
        database.run("UPDATE orders SET note = 'changed' WHERE id = 7");
        let outcome = verify(&content, &["-d", &connection, "--rows", "--", "false"]).exit(1);
        assert_eq!(outcome.result()["proved"], false);
        assert_eq!(outcome.result()["rows_changed"], 1, "{outcome}");
        assert!(
            outcome.result().get("command_exit_code").is_none(),
            "a copy that differs is not lent: {outcome}"
        );
    }
}
