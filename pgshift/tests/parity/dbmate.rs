//! dbmate.

use super::{from_npm, ours, same, succeed};
use std::path::Path;
use std::process::Command;
use testkit::{Cluster, Database, TempDir, newest_major};

const PACKAGE: &str = "dbmate@2.36";
const PROGRAM: &str = "node_modules/.bin/dbmate";

const FILES: [(&str, &str); 6] = [
    (
        "20240101000000_shop.sql",
        "-- migrate:up\nCREATE TYPE mood AS ENUM ('low', 'high');\nCREATE TABLE orders (\n  id bigserial PRIMARY KEY, -- a key; no more\n  \
         mood mood NOT NULL DEFAULT 'low', note text DEFAULT 'a;b'\n);\nCOMMENT ON TABLE orders IS 'it''s; -- all';\n\n\
         -- migrate:down\nDROP TABLE orders;\nDROP TYPE mood;\n",
    ),
    (
        "20240102000000_function.sql",
        "-- migrate:up\nCREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $body$\nBEGIN\n  NEW.note := NEW.note || ';';\n  \
         RETURN NEW; -- done;\nEND\n$body$;\nCREATE TRIGGER touch BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION touch();\n\
         INSERT INTO orders (note) SELECT 'n' || i FROM generate_series(1, 5) i;\n\n\
         -- migrate:down\nDROP TRIGGER touch ON orders; DROP FUNCTION touch(); DELETE FROM orders;\n",
    ),
    (
        "20240103000000_index.sql",
        "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY orders_note ON orders (lower(note)) WHERE mood = 'high';\n\n\
         -- migrate:down transaction:false\nDROP INDEX CONCURRENTLY orders_note;\n",
    ),
    (
        "20240104000000_value.sql",
        "-- migrate:up transaction:false\nALTER TYPE mood ADD VALUE 'middle' BEFORE 'high';\n\n-- migrate:down\n",
    ),
    (
        "20240105000000_use.sql",
        "-- migrate:up\nSET LOCAL work_mem = '8MB';\nUPDATE public.orders SET mood = 'middle' WHERE id % 2 = 0;\n\n-- migrate:down\n",
    ),
    (
        "20240106000000_view.sql",
        "-- migrate:up\nCREATE VIEW public.middling AS SELECT id FROM public.orders WHERE mood = 'middle';\n\n\
         -- migrate:down\nDROP VIEW public.middling;\n",
    ),
];

/// `dbmate COMMAND` on the database; what it says.
fn native(program: &Path, database: &Database, directory: &TempDir, command: &str) -> String {
    let cluster = database.cluster();
    let url = format!(
        "postgres://postgres@localhost:{}/{}?socket={}&sslmode=disable",
        cluster.port(),
        database.name(),
        cluster.host().display()
    );
    let mut native = Command::new(program);
    native
        .args(["--no-dump-schema", "--migrations-dir"])
        .arg(directory.path())
        .args(["--url", &url, command]);
    succeed(native)
}

#[test]
fn the_same_files_make_the_same_database_forward_and_back() {
    let (tools, directory) = (TempDir::new(), TempDir::new());
    let Some(dbmate) = from_npm(PACKAGE, PROGRAM, &tools) else { return };
    for (name, text) in FILES {
        directory.write(name, text);
    }
    let cluster = Cluster::shared(newest_major());
    let (theirs, here) = (cluster.database("theirs"), cluster.database("ours"));
    native(&dbmate, &theirs, &directory, "migrate");
    ours(&here, directory.path(), "apply").arg("--no-gate").run().success();
    assert_eq!(here.scalar("SELECT count(*) FROM middling"), "2");
    same(&theirs, &here, &["-T", "public.schema_migrations"]);

    native(&dbmate, &theirs, &directory, "rollback");
    ours(&here, directory.path(), "revert").run().success();
    assert_eq!(here.scalar("SELECT to_regclass('middling') IS NULL"), "t");
    same(&theirs, &here, &["-T", "public.schema_migrations"]);
}

#[test]
fn a_history_goes_over_to_pgshift_and_back() {
    let (tools, directory) = (TempDir::new(), TempDir::new());
    let Some(dbmate) = from_npm(PACKAGE, PROGRAM, &tools) else { return };
    for (name, text) in &FILES[..3] {
        directory.write(name, text);
    }
    let database = Cluster::shared(newest_major()).database("both");
    native(&dbmate, &database, &directory, "migrate");
    ours(&database, directory.path(), "adopt").arg("--keep-history").run().success();
    ours(&database, directory.path(), "check").run().success();
    for (name, text) in &FILES[3..] {
        directory.write(name, text);
    }
    ours(&database, directory.path(), "apply").arg("--no-gate").run().success();
    let said = native(&dbmate, &database, &directory, "status");
    assert!(said.contains("Applied: 6") && said.contains("Pending: 0"), "{said}");
}
