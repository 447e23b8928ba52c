//! The line that a user types: four programs joined by pipes in a shell without `pipefail`.

use std::path::PathBuf;
use testkit::{Cluster, Database, Outcome, TempDir, Tool, newest_major, program};

/// A database with rows, a store, migrations that wait.
pub(crate) struct Line {
    pub(crate) database: Database,
    pub(crate) place: TempDir,
    /// What stands between one tool and the next: a stage of the shell's, such as `| damage`.
    between: [String; 3],
    dbname: [Option<String>; 4],
}

/// How a pipeline ended.
pub(crate) struct Ended {
    /// The exit code of each of the four tools.
    pub(crate) codes: Vec<i32>,
    pub(crate) outcome: Outcome,
}

impl Line {
    pub(crate) fn new() -> Self {
        let database = Cluster::shared(newest_major()).database("it's a \"shop\"");
        database.run(
            "CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL);
             INSERT INTO customers SELECT i, 'customer ' || i FROM generate_series(1, 500) AS i",
        );
        let place = TempDir::new();
        let line = Self { database, place, between: Default::default(), dbname: Default::default() };
        std::fs::create_dir(line.migrations()).unwrap();
        line.migration("0001_email.sql", "ALTER TABLE customers ADD COLUMN email text;\n");
        line
    }

    fn migrations(&self) -> PathBuf {
        self.place.path().join("migrations")
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.place.path().join("store")
    }

    pub(crate) fn migration(&self, name: &str, sql: &str) {
        std::fs::write(self.migrations().join(name), sql).unwrap();
    }

    /// Puts a stage of the shell's behind the tool of that number.
    pub(crate) fn behind(mut self, tool: usize, stage: &str) -> Self {
        self.between[tool] = format!("| {stage} ");
        self
    }

    /// Gives the tool of that number another database.
    pub(crate) fn of(mut self, tool: usize, connection: &str) -> Self {
        self.dbname[tool] = Some(connection.to_owned());
        self
    }

    /// The whole line, as it would be typed, each tool's process number in a file of its own.
    pub(crate) fn tool(&self) -> Tool {
        let own = self.database.connection();
        let database = |tool: usize| self.dbname[tool].clone().unwrap_or_else(|| own.clone());
        let [one, two, three] = &self.between;
        let script = format!(
            r#"run() {{ echo "$BASHPID" >"$PLACE/$1.pid"; local program=$2; shift 2; exec "$program" "$@"; }}
               export PGSNAP_STORE
               run 0 "$PGSNAP" create -d "$DB0" \
                 {one}| run 1 "$PGVERIFY" restore - \
                 {two}| run 2 "$PGSHIFT" apply - --dir "$PLACE/migrations" -d "$DB2" \
                 {three}| run 3 "$PGCHECKPOINT" run - schema sequences -d "$DB3"
               codes=("${{PIPESTATUS[@]}}")
               echo "${{codes[@]}}" >"$PLACE/codes"
               exit "${{codes[-1]}}""#
        );
        let tool = Tool::at("bash".as_ref()).arg("-c").arg(script);
        let tool = tool.env("PLACE", self.place.path()).env("PGSNAP_STORE", self.store());
        let tools = [
            ("PGSNAP", "pgsnap"),
            ("PGVERIFY", "pgverify"),
            ("PGSHIFT", "pgshift"),
            ("PGCHECKPOINT", "pgcheckpoint"),
        ];
        let tool = tools.iter().fold(tool, |tool, (variable, name)| tool.env(variable, program(name)));
        (0..4).fold(tool, |tool, number| tool.env(format!("DB{number}"), database(number)))
    }

    pub(crate) fn run(&self) -> Ended {
        self.ended(self.tool().run())
    }

    /// What came of the line; stages that are not ours are left out of the codes.
    pub(crate) fn ended(&self, outcome: Outcome) -> Ended {
        let codes = std::fs::read_to_string(self.place.path().join("codes")).unwrap();
        let all: Vec<i32> = codes.split_whitespace().map(|code| code.parse().unwrap()).collect();
        let mut codes = Vec::new();
        let mut rest = all.into_iter();
        for stage in 0..4 {
            codes.push(rest.next().unwrap());
            if self.between.get(stage).is_some_and(|stage| !stage.is_empty()) {
                rest.next();
            }
        }
        Ended { codes, outcome }
    }

    pub(crate) fn pid(&self, tool: usize) -> Option<i32> {
        let text = std::fs::read_to_string(self.place.path().join(format!("{tool}.pid"))).ok()?;
        text.trim().parse().ok()
    }

    /// Whether the migration was applied.
    pub(crate) fn is_migrated(&self) -> bool {
        let sql = "SELECT count(*) FROM information_schema.columns WHERE column_name = 'email'";
        self.database.scalar(sql) == "1"
    }
}

impl Ended {
    /// Asserts the exit codes of the four; the last one is that of the line.
    #[track_caller]
    pub(crate) fn codes(self, expected: [i32; 4]) -> Outcome {
        assert_eq!(self.codes, expected, "{}", self.outcome);
        let [.., last] = expected;
        self.outcome.exit(last)
    }
}
