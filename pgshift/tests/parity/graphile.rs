//! graphile-migrate. Its committed files are made by the tool itself, out of `current.sql`, one after another.

use super::{cannot_be_had, from_npm, ours, same, succeed, url};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use testkit::{Cluster, Database, TempDir, is_long, newest_major};

const PACKAGE: &str = "graphile-migrate@1.4";
const PROGRAM: &str = "node_modules/.bin/graphile-migrate";

const SETTINGS: &str =
    "{\n  // what stands for what\n  \"placeholders\": {\n    \":GREETING\": \"it''s; you\",\n  },\n}\n";

const OWNER: [&str; 2] = ["--placeholder", "DATABASE_OWNER=postgres"];

const TEXTS: [(&str, &str); 5] = [
    (
        "shop",
        "create type mood as enum ('low', 'high');\ncreate table orders (\n  id bigserial primary key, -- a key; no more\n  \
         mood mood not null default 'low', note text default ':GREETING'\n);\n",
    ),
    (
        "a function",
        "create function touch() returns trigger language plpgsql as $body$\nbegin\n  new.note := new.note || ';';\n  \
         return new; -- done;\nend\n$body$;\ncreate trigger touch before insert on orders for each row execute function touch();\n",
    ),
    ("rows", "insert into orders (mood) select 'high' from generate_series(1, 5) i;\n"),
    (
        "index",
        "--! no-transaction\ncreate index concurrently orders_note on orders (lower(note)) where mood = 'high';\n",
    ),
    (
        "owned",
        "comment on table orders is 'of :DATABASE_OWNER';\ncreate view noted as select id, note from orders where note <> '';\n",
    ),
];

/// The tool, in the long run only: each commit of a file takes it a second.
fn brought(tools: &TempDir) -> Option<PathBuf> {
    if is_long() {
        return from_npm(PACKAGE, PROGRAM, tools);
    }
    cannot_be_had(PACKAGE, "it is slow: scripts/test --all");
    None
}

/// A project with its databases: the one that is migrated, and the one in which the tool tries things.
struct Project {
    program: PathBuf,
    place: TempDir,
    database: Database,
    shadow: Database,
}

impl Project {
    fn new(program: &Path) -> Self {
        let cluster = Cluster::shared(newest_major());
        let (database, shadow) = (cluster.database("theirs"), cluster.database("shadow"));
        let place = TempDir::new();
        place.write(".gmrc", SETTINGS);
        place.write("migrations/current.sql", "");
        Self { program: program.to_owned(), place, database, shadow }
    }

    /// `graphile-migrate WORDS`; what it says.
    fn run(&self, words: &[&str]) -> String {
        let root = url(&self.database).replace(self.database.name(), "postgres");
        let mut tool = Command::new(&self.program);
        tool.args(words).current_dir(self.place.path());
        tool.env("DATABASE_URL", url(&self.database)).env("SHADOW_DATABASE_URL", url(&self.shadow));
        tool.env("ROOT_DATABASE_URL", root);
        succeed(tool)
    }

    /// Commits the next texts, which applies them.
    fn commit(&self, texts: &[(&str, &str)]) {
        for (message, text) in texts {
            self.place.write("migrations/current.sql", text);
            self.run(&["commit", "--message", message]);
        }
    }
}

#[test]
fn the_same_files_make_the_same_database() {
    let tools = TempDir::new();
    let Some(program) = brought(&tools) else { return };
    let theirs = Project::new(&program);
    theirs.commit(&TEXTS);
    let here = theirs.database.cluster().database("ours");
    let migrations = theirs.place.join("migrations");
    // A source knows no database: what the tool takes from its URL, somebody has to say.
    ours(&here, &migrations, "status").run().exit(2).says("--placeholder DATABASE_OWNER=VALUE");
    let applied = ours(&here, &migrations, "apply").args(["--no-gate", OWNER[0], OWNER[1]]).run().success();
    assert_eq!(applied.result()["convention"], "graphile-migrate");
    assert_eq!(here.scalar("SELECT count(*) FROM noted WHERE note = 'it''s; you;'"), "5");
    same(&theirs.database, &here, &["-N", "graphile_migrate"]);
}

#[test]
fn a_history_goes_over_to_pgshift_and_back() {
    let tools = TempDir::new();
    let Some(program) = brought(&tools) else { return };
    let (project, colleague) = (Project::new(&program), Project::new(&program));
    project.commit(&TEXTS[..3]);
    let migrations = project.place.join("migrations");
    let run = |command: &str| ours(&project.database, &migrations, command).args(OWNER);
    let adopted = run("adopt").arg("--keep-history").run().success();
    let proofs: Vec<_> = adopted.records_of("adopted").iter().map(|record| record["proof"].clone()).collect();
    assert_eq!(proofs, ["checksum"; 3], "{adopted}");
    run("check").run().success();

    // Somebody else commits two more; we apply them, and the tool finds nothing left to do.
    colleague.commit(&TEXTS);
    let committed = migrations.join("committed");
    for file in fs::read_dir(colleague.place.join("migrations/committed")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), committed.join(file.file_name())).unwrap();
    }
    run("apply").arg("--no-gate").run().success();
    let said = project.run(&["migrate"]);
    assert!(said.contains("Already up to date"), "{said}");
    same(&project.database, &colleague.database, &["-N", "graphile_migrate"]);
}
