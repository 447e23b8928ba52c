//! The schema's proof: faithful copies are equal, also on newer servers, and no change of a property escapes.

mod changes;

use crate::corpus::Schema;
use crate::store::{Snapshot, Store, connection_of, proved};
use changes::{CHANGES, RICH};
use common::inventory::{Inventory, SchemaDifference, Scope, compare};
use common::pg::session::Session;
use common::pg::target::{ConnectOptions, Target};
use std::io::Write as _;
use testkit::{Cluster, Database, majors, newest_major, oldest_major};

fn session(connection: String) -> Session {
    let options = ConnectOptions { dbname: Some(connection), ..ConnectOptions::default() };
    let mut session = Session::open(&Target::resolve(&options).unwrap()).unwrap();
    session.pin_for_writing().unwrap();
    session
}

fn stored(store: &Store, snapshot: &Snapshot) -> Inventory {
    let store =
        common::store::Store::open(&common::store::Location::Directory(store.path().clone())).unwrap();
    common::pipeline::replay::inventory(&store, &snapshot.manifest).unwrap().unwrap()
}

/// What a copy differs in from the snapshot, without what the copy can't help.
pub(crate) fn held_against(store: &Store, snapshot: &Snapshot, copy: &Database) -> Vec<String> {
    let mut session = session(copy.connection());
    let found = Inventory::read(&mut session).unwrap();
    let differences =
        compare(&stored(store, snapshot), &found, &Scope::default(), Some(&mut session)).unwrap();
    differences.iter().filter(|difference| difference.note.is_none()).map(told).collect()
}

fn told(difference: &SchemaDifference) -> String {
    let SchemaDifference { object, property, expected, found, .. } = difference;
    format!("{object}: {}: {expected:?} -> {found:?}", property.as_deref().unwrap_or("is there"))
}

#[test]
fn every_schema_is_equal_on_a_newer_server() {
    let newest = newest_major();
    let mut failed = Vec::new();
    for from in majors().into_iter().filter(|major| *major != newest) {
        let (old, new) = (Cluster::shared(from), Cluster::shared(newest));
        for schema in
            Schema::all().into_iter().filter(|schema| !schema.is_slow() && !schema.is_beyond_restoring())
        {
            if let Some(why) = schema.unfit_for(&old).or_else(|| schema.unfit_for(&new)) {
                drop(writeln!(std::io::stderr(), "SKIPPED from {from}: {}: {why}", schema.name));
                continue;
            }
            let original = schema.make(&old);
            let store = Store::new();
            let snapshot = store.take(&original);
            let copy = new.existing(&format!("{} equal to {from}", schema.name));
            drop(proved(store.restore(&snapshot, &copy).args(["--create", "--create-roles"]).run()));
            let differences = held_against(&store, &snapshot, &copy);
            failed.extend(
                (!differences.is_empty()).then(|| format!("{} of {from}: {differences:#?}", schema.name)),
            );
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn every_change_of_a_property_is_told_and_nothing_else() {
    let mut failed = Vec::new();
    for major in [oldest_major(), newest_major()] {
        let database = Cluster::shared(major).database("changes");
        database.run(RICH);
        let mut session = session(database.connection());
        let before = Inventory::read(&mut session).unwrap();
        assert_eq!(Inventory::decode(&before.encode().unwrap()).unwrap(), before);
        for change in CHANGES.iter().filter(|change| (change.from..=change.to).contains(&major)) {
            session.execute("BEGIN").unwrap();
            session.execute(change.sql).unwrap_or_else(|error| panic!("{}: {error}", change.sql));
            let after = Inventory::read(&mut session).unwrap();
            session.execute("ROLLBACK").unwrap();
            let wanted = [change.difference.to_owned()];
            for (one, other) in [(&before, &after), (&after, &before)] {
                let differences = compare(one, other, &Scope::default(), None).unwrap();
                let found: Vec<String> = differences
                    .iter()
                    .map(|difference| match &difference.property {
                        Some(property) => format!("{}: {property}", difference.object),
                        None => difference.object.clone(),
                    })
                    .collect();
                if found != wanted {
                    failed.push(format!("on {major}: {}: {found:#?}", change.sql));
                }
            }
        }
        assert_eq!(compare(&before, &before, &Scope::default(), Some(&mut session)).unwrap(), []);
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// What PostgreSQL spells differently once it was dumped and restored, and what newer versions spell differently.
const RESPELLED: &str = "
    CREATE TABLE t (id int PRIMARY KEY, v varchar(10) CHECK (v IN ('a', 'b')), d date,
      w varchar DEFAULT CASE WHEN 'x'::varchar IN ('a', 'b') THEN 'y' END,
      g text GENERATED ALWAYS AS (CASE WHEN v IN ('a', 'b') THEN 'x' END) STORED);
    CREATE DOMAIN dom AS varchar CHECK (VALUE IN ('p', 'q'));
    CREATE INDEX i ON t ((v IN ('a', 'b'))) WHERE v IN ('c', 'd');
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE FUNCTION g(a varchar DEFAULT CASE WHEN 'x'::varchar IN ('a', 'b') THEN 'x' END) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW WHEN (NEW.v IN ('a', 'b')) EXECUTE FUNCTION f();
    CREATE RULE r AS ON DELETE TO t WHERE OLD.v IN ('a', 'b') DO INSTEAD SELECT 1;
    CREATE POLICY p ON t USING (v IN ('a', 'b')) WITH CHECK (EXISTS (SELECT 1 FROM t u WHERE u.v = t.v AND u.v IN ('c', 'd')));
    CREATE VIEW one AS SELECT id, v, extract(year FROM d) AS y FROM t WHERE v IN ('a', 'b') ORDER BY id;
    CREATE VIEW two AS SELECT t.id, a.v FROM t JOIN t a USING (id) WHERE t.v IN ('a', 'b');
    CREATE MATERIALIZED VIEW three AS SELECT * FROM one WHERE v IN ('x', 'z');";
/// And since 14.
const RESPELLED_14: &str = "
    CREATE STATISTICS st ON (v IN ('a', 'b')), (id + 1) FROM t;
    CREATE FUNCTION h(a varchar) RETURNS boolean LANGUAGE sql BEGIN ATOMIC SELECT a IN ('a', 'b'); END;";

#[test]
fn what_is_only_spelled_differently_is_equal_and_what_means_something_else_is_not() {
    let newest = newest_major();
    for from in majors() {
        let original = Cluster::shared(from).database("respelled");
        original.run(RESPELLED);
        if from >= 14 {
            original.run(RESPELLED_14);
        }
        let store = Store::new();
        let snapshot = store.take(&original);
        let copy = Cluster::shared(newest).existing(&format!("respelled of {from}"));
        drop(proved(store.restore(&snapshot, &copy).args(["--create"]).run()));
        let expected = stored(&store, &snapshot);
        let mut session = session(copy.connection());
        let found = Inventory::read(&mut session).unwrap();
        let without = compare(&expected, &found, &Scope::default(), None).unwrap();
        assert!(without.len() > 8, "these are spelled alike, so that nothing was judged: {without:#?}");
        // Between versions nobody can tell without a server; on the same one it may well be a change.
        assert_eq!(without.iter().all(|difference| difference.note.is_some()), from != newest);
        assert_eq!(held_against(&store, &snapshot, &copy), Vec::<String>::new(), "from {from}");

        copy.run(
            "CREATE OR REPLACE VIEW two AS SELECT t.id, a.v FROM t JOIN t a USING (id) WHERE t.v IN ('a', 'c');
             ALTER TABLE t DROP CONSTRAINT t_v_check, ADD CONSTRAINT t_v_check CHECK (v IN ('a', 'c'));
             ALTER POLICY p ON t USING (v IN ('a', 'c'));
             DROP INDEX i; CREATE INDEX i ON t ((v IN ('a', 'b'))) WHERE v IN ('c', 'e');",
        );
        let mut said = held_against(&store, &snapshot, &copy);
        for line in &mut said {
            line.truncate(line.match_indices(": ").nth(1).unwrap().0);
        }
        assert_eq!(
            said,
            [
                "constraint \"t_v_check\" on \"public\".\"t\": definition",
                "index \"public\".\"i\": definition",
                "policy \"p\" on \"public\".\"t\": using",
                "view \"public\".\"two\": definition",
            ]
        );
        assert!(copy.rows("SELECT 1 FROM pg_class WHERE relname = 'judged'").is_empty());
    }
}

#[test]
fn a_user_without_rights_reads_the_same() {
    for major in [oldest_major(), newest_major()] {
        let cluster = Cluster::shared(major);
        let database = cluster.database("read_by_anybody");
        database.run(RICH);
        database.run("DO $$ BEGIN CREATE ROLE inventory_reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        let of_superuser = Inventory::read(&mut session(database.connection())).unwrap();
        let mut reader = session(connection_of("inventory_reader", &database));
        reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").unwrap();
        let of_reader = Inventory::read(&mut reader).unwrap();
        reader.execute("COMMIT").unwrap();
        let differences = compare(&of_superuser, &of_reader, &Scope::default(), Some(&mut reader)).unwrap();
        let [difference] = differences.as_slice() else { panic!("{differences:#?}") };
        assert_eq!(difference.object, "user mapping for \"inventory_alice\" on \"away\"");
        assert!(difference.note.is_some(), "{difference:?}");
    }
}

#[test]
fn the_snapshot_of_a_part_tells_of_that_part() {
    let cluster = Cluster::shared(newest_major());
    let original = cluster.database("part");
    original.run(
        "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t (id int PRIMARY KEY, v text DEFAULT 'x' CHECK (v <> ''));
         CREATE INDEX i ON a.t (v); COMMENT ON COLUMN a.t.v IS 'said'; CREATE TABLE b.u (id int); CREATE VIEW a.v AS SELECT * FROM b.u;
         CREATE FUNCTION b.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TYPE a.e AS ENUM ('x');",
    );
    let store = Store::new();
    let snapshot = store.taken(store.create(&original).args(["-t", "a.t"]).run());
    let names: Vec<String> =
        stored(&store, &snapshot).objects.iter().map(common::inventory::Object::describe).collect();
    assert_eq!(
        names.iter().filter(|name| !name.starts_with("database")).collect::<Vec<_>>(),
        [
            "column \"a\".\"t\".\"id\"",
            "column \"a\".\"t\".\"v\"",
            "constraint \"t_pkey\" on \"a\".\"t\"",
            "constraint \"t_v_check\" on \"a\".\"t\"",
            "index \"a\".\"i\"",
            "index \"a\".\"t_pkey\"",
            "table \"a\".\"t\"",
        ]
    );
}
