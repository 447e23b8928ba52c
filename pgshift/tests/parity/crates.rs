//! Tools that are written in Rust: sqlx, refinery, Diesel. Building them takes minutes, so that `scripts/test --all` does it,
//! into the cache.

use super::{cannot_be_had, ours, same, succeed, url};
use std::path::{Path, PathBuf};
use std::process::Command;
use testkit::{Cluster, Database, TempDir, is_long, newest_major};

/// A tool, and how its program is told to apply a directory.
struct Native {
    program: &'static str,
    history: &'static str,
    /// What its checksums prove.
    proof: &'static str,
    /// The names of five files, and of the one that takes the last back.
    files: [&'static str; 5],
    down: Option<&'static str>,
    migrate: fn(&Path, &Path, &Database) -> Command,
}

const TOOLS: [Native; 3] = [
    Native {
        program: "sqlx",
        history: "_sqlx_migrations",
        proof: "checksum",
        files: ["1_shop.up.sql", "2_function.up.sql", "3_index.up.sql", "20_rows.up.sql", "21_view.up.sql"],
        down: Some("21_view.down.sql"),
        migrate: |program, directory, database| {
            let mut sqlx = Command::new(program);
            sqlx.args(["migrate", "run", "--source"]).arg(directory).args(["--database-url", &url(database)]);
            sqlx
        },
    },
    Native {
        program: "refinery",
        history: "refinery_schema_history",
        proof: "checksum",
        files: ["V1__shop.sql", "V2__function.sql", "V3__index.sql", "V20__rows.sql", "U4__view.sql"],
        down: None,
        migrate: |program, directory, database| {
            let mut refinery = Command::new(program);
            refinery.args(["migrate", "-e", "SHOP_URL", "-p"]).arg(directory).env("SHOP_URL", url(database));
            refinery
        },
    },
    Native {
        program: "diesel",
        history: "__diesel_schema_migrations",
        proof: "version",
        files: [
            "2024-01-01-000000_shop/up.sql",
            "2024-01-02-000000_function/up.sql",
            "2024-01-03-000000_index/up.sql",
            "2024-01-04-000000-0000_rows/up.sql",
            "2024-01-04-000000-0001_view/up.sql",
        ],
        down: Some("2024-01-04-000000-0001_view/down.sql"),
        migrate: |program, directory, database| {
            let mut diesel = Command::new(program);
            diesel
                .args(["migration", "run", "--migration-dir"])
                .arg(directory)
                .args(["--database-url", &url(database)]);
            diesel.current_dir(directory);
            diesel
        },
    },
];

const TEXTS: [&str; 5] = [
    "CREATE TYPE mood AS ENUM ('low', 'high');\nCREATE TABLE orders (\n  id bigserial PRIMARY KEY, -- a key; no more\n  mood mood NOT NULL DEFAULT 'low', note text DEFAULT 'a;b'\n);\n",
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $body$\nBEGIN\n  NEW.note := NEW.note || ';';\n  RETURN NEW; -- done;\nEND\n$body$;\n\
     CREATE TRIGGER touch BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION touch();\n",
    "CREATE INDEX orders_note ON orders (lower(note)) WHERE mood = 'high';\r\nCOMMENT ON INDEX orders_note IS 'it''s; – all';\n",
    "INSERT INTO orders (mood, note) SELECT 'high', 'n' || i FROM generate_series(1, 5) i;\nUPDATE orders SET note = NULL WHERE id % 2 = 0;\n",
    "CREATE VIEW noted AS SELECT id FROM orders WHERE note IS NOT NULL;\n",
];

/// Where `scripts/test` puts what it brings.
pub(super) fn cached(name: &str) -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cache")));
    cache.unwrap().join("pgrunbook").join(name)
}

/// Where the cache has a program.
pub(super) fn built(program: &str) -> Option<PathBuf> {
    if !is_long() {
        cannot_be_had(program, "it takes minutes to build: scripts/test --all");
        return None;
    }
    let named = std::env::var_os("PGRUNBOOK_NATIVE").map(PathBuf::from);
    let path = named.unwrap_or_else(|| cached("tools/bin")).join(program);
    if !path.is_file() {
        cannot_be_had(program, &format!("{} is not there", path.display()));
        return None;
    }
    Some(path)
}

fn write(tool: &Native, directory: &TempDir, count: usize) {
    for (name, text) in tool.files.iter().zip(TEXTS).take(count) {
        directory.write(name, text);
        // Diesel wants one beside each; sqlx too, where there is one at all.
        let down = name.replace("up.sql", "down.sql");
        if down != *name && Some(down.as_str()) != tool.down {
            directory.write(down, "SELECT 1;\n");
        }
    }
    if let Some(down) = tool.down.filter(|_| count == TEXTS.len()) {
        directory.write(down, "DROP VIEW noted;\n");
    }
}

#[test]
fn the_same_files_make_the_same_database() {
    for tool in TOOLS {
        let Some(program) = built(tool.program) else { continue };
        let directory = TempDir::new();
        write(&tool, &directory, TEXTS.len());
        let cluster = Cluster::shared(newest_major());
        let (theirs, here) = (cluster.database("theirs"), cluster.database("ours"));
        succeed((tool.migrate)(&program, directory.path(), &theirs));
        ours(&here, directory.path(), "apply")
            .args(["--no-gate", "--convention", tool.program])
            .run()
            .success();
        same(&theirs, &here, &["-T", &format!("public.{}", tool.history)]);
        assert_eq!(here.scalar("SELECT count(*) FROM noted"), "3", "{}", tool.program);
    }
}

#[test]
fn a_history_goes_over_to_pgshift_and_back() {
    for tool in TOOLS {
        let Some(program) = built(tool.program) else { continue };
        let (directory, database) = (TempDir::new(), Cluster::shared(newest_major()).database("both"));
        write(&tool, &directory, 3);
        succeed((tool.migrate)(&program, directory.path(), &database));
        let run =
            |command: &str| ours(&database, directory.path(), command).args(["--convention", tool.program]);
        let adopted = run("adopt").arg("--keep-history").run().success();
        let proofs: Vec<_> =
            adopted.records_of("adopted").iter().map(|record| record["proof"].clone()).collect();
        assert_eq!(proofs, [tool.proof; 3], "{adopted}");
        run("check").run().success();
        write(&tool, &directory, TEXTS.len());
        run("apply").arg("--no-gate").run().success();
        // The tool finds everything applied, and nothing that was changed behind its back.
        let said = succeed((tool.migrate)(&program, directory.path(), &database));
        assert!(!said.to_lowercase().contains("view"), "{}: {said}", tool.program);
        let rows = database.scalar(&format!("SELECT count(*) FROM {}", tool.history));
        assert_eq!(rows, "5", "{}: {said}", tool.program);
    }
}
