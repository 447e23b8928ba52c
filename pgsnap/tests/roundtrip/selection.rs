//! A part of a database, there or back: patterns, tables with what hangs on them, owners and privileges, targets in use.

use crate::compare::same;
use crate::store::{Snapshot, Store, proved, valid};
use std::sync::Arc;
use testkit::{Cluster, Database, newest_major};

const SHOP: &str = r#"
CREATE TABLE orders (id serial PRIMARY KEY, note text);
CREATE TABLE order_items (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "order" integer NOT NULL REFERENCES orders, price numeric CHECK (price > 0));
CREATE INDEX order_items_order ON order_items ("order");
CREATE TABLE "Orders" (id integer);
CREATE TABLE "odd.name*" (id integer);
CREATE SCHEMA archive;
CREATE TABLE archive.orders (id integer PRIMARY KEY);
CREATE TABLE archive.huge (id integer, filler text);
CREATE SCHEMA "Big";
CREATE TABLE "Big".t (id integer);
CREATE SEQUENCE loose START 5;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
INSERT INTO orders (note) SELECT 'note ' || i FROM generate_series(1, 20) i;
INSERT INTO order_items ("order", price) SELECT i, i FROM generate_series(1, 20) i;
INSERT INTO "Orders" VALUES (1); INSERT INTO "odd.name*" VALUES (1), (2);
INSERT INTO archive.orders VALUES (7); INSERT INTO archive.huge VALUES (1, 'x'); INSERT INTO "Big".t VALUES (3);
SELECT nextval('loose'), lo_from_bytea(4711, 'an object');
"#;

fn shop() -> (Arc<Cluster>, Database) {
    let cluster = Cluster::shared(newest_major());
    let database = cluster.database("shop");
    database.run(SHOP);
    (cluster, database)
}

/// The tables with rows in a snapshot.
fn tables(snapshot: &Snapshot) -> Vec<String> {
    let held = snapshot.manifest.tables.iter().filter(|table| table.left_out.is_none());
    let mut names: Vec<_> = held.map(|table| format!("{}.{}", table.schema, table.name)).collect();
    names.sort();
    names
}

#[test]
fn patterns_choose_as_those_of_pg_dump_do() {
    let (_cluster, shop) = shop();
    let store = Store::new();
    let everything = [
        "Big.t",
        "archive.huge",
        "archive.orders",
        "public.Orders",
        "public.odd.name*",
        "public.order_items",
        "public.orders",
    ];
    let cases: &[(&[&str], &[&str])] = &[
        (&[], &everything),
        (&["-n", "archive"], &["archive.huge", "archive.orders"]),
        (&["-n", "ARCHIVE"], &["archive.huge", "archive.orders"]),
        (&["-n", "\"Big\""], &["Big.t"]),
        (&["-n", "arch*", "-n", "\"B\"*"], &["Big.t", "archive.huge", "archive.orders"]),
        (
            &["-N", "archive", "-N", "\"Big\""],
            &["public.Orders", "public.odd.name*", "public.order_items", "public.orders"],
        ),
        (&["-t", "orders"], &["public.orders"]),
        (&["-t", "\"Orders\""], &["public.Orders"]),
        (&["-t", "*.orders"], &["archive.orders", "public.orders"]),
        (&["-t", "order*"], &["public.order_items", "public.orders"]),
        (&["-t", "\"odd.name*\""], &["public.odd.name*"]),
        (&["-t", "archive.?uge"], &["archive.huge"]),
        (&["-t", "order*", "-T", "order_items"], &["public.orders"]),
        (&["-n", "archive", "-T", "archive.huge"], &["archive.orders"]),
        (
            &["--exclude-table-data", "archive.*", "--exclude-table-data", "\"Big\".t"],
            &["public.Orders", "public.odd.name*", "public.order_items", "public.orders"],
        ),
    ];
    for (arguments, expected) in cases {
        let snapshot = store.taken(store.create(&shop).args(*arguments).run());
        assert_eq!(tables(&snapshot), *expected, "{arguments:?}");
    }
}

#[test]
fn a_pattern_that_matches_nothing_is_an_error_and_leaves_no_snapshot() {
    let (_cluster, shop) = shop();
    let store = Store::new();
    for arguments in
        [["-t", "nothing"], ["-t", "Nothing.*"], ["-n", "Big"], ["-t", "archive.\"ORDERS\""], ["-n", "a.b"]]
    {
        let mut outcome = valid(store.create(&shop).args(arguments).run());
        assert!([2, 3].contains(&outcome.code()), "{outcome}");
        drop(outcome.says(arguments[1].trim_matches('"').split('"').next().unwrap()));
    }
    assert_eq!(store.snapshots(), Vec::<String>::new());
}

#[test]
fn what_a_selection_holds_is_restored_and_proved() {
    let (cluster, shop) = shop();
    let store = Store::new();
    let cases: &[&[&str]] = &[
        &["-n", "archive"],
        &["-N", "archive"],
        &["-t", "\"Orders\"", "-t", "loose"],
        &["--exclude-table-data", "order_items"],
        &["-t", "\"Orders\"", "-b"],
        &["-B"],
    ];
    for (number, arguments) in cases.iter().enumerate() {
        let snapshot = store.taken(store.create(&shop).args(*arguments).run());
        let copy = cluster.database(&format!("part_{number}"));
        proved(store.restore(&snapshot, &copy).run());
        same(&format!("{arguments:?}"), &shop.dump_of(arguments), &copy.dump_of(arguments), false);
    }
}

#[test]
fn what_a_selection_needs_and_does_not_hold_is_an_error_that_names_it() {
    let (cluster, shop) = shop();
    let store = Store::new();
    let snapshot = store.taken(store.create(&shop).args(["-t", "orders"]).run());
    let copy = cluster.database("without_function");
    drop(valid(store.restore(&snapshot, &copy).run()).exit(3).says("orders touched").says("touch()"));
    copy.run("CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'");
    proved(store.restore(&snapshot, &copy).args(["--force", "--clean", "--if-exists"]).run());
    same("orders", &shop.dump_of(&["-t", "orders"]), &copy.dump_of(&["-t", "orders"]), false);
}

#[test]
fn one_table_comes_back_with_all_that_hangs_on_it_into_a_database_in_use() {
    let (cluster, shop) = shop();
    let store = Store::new();
    let snapshot = store.take(&shop);
    let target = cluster.database("in_use");
    target.run("CREATE TABLE other AS SELECT 1 AS a; CREATE TABLE archive_orders (id integer)");
    proved(store.restore(&snapshot, &target).args(["-t", "public.orders"]).run());
    let expected = shop.dump_of(&["-t", "orders", "-t", "orders_id_seq"]);
    same("orders", &expected, &target.dump_of(&["-t", "orders", "-t", "orders_id_seq"]), false);
    assert_eq!(target.scalar("INSERT INTO orders (note) VALUES ('next') RETURNING id"), "21");
    assert_eq!(target.scalar("SELECT a FROM other"), "1");
    assert_eq!(target.rows("SELECT 1 FROM pg_class WHERE relname = 'order_items'").len(), 0);

    // The second table refers to the first, which is there now.
    proved(store.restore(&snapshot, &target).args(["-t", "public.order_items"]).run());
    let refused = valid(store.restore(&snapshot, &target).args(["-t", "orders"]).run()).exit(4);
    assert_eq!(target.scalar("SELECT count(*) FROM orders"), "21", "{refused}");
    let missing = valid(store.restore(&snapshot, &target).args(["-t", "nothing"]).run());
    drop(missing.exit(3).says("nothing"));
    proved(store.restore(&snapshot, &target).args(["-n", "archive"]).run());
    same("archive", &shop.dump_of(&["-n", "archive"]), &target.dump_of(&["-n", "archive"]), false);
}

#[test]
fn a_target_that_holds_something_or_is_the_source_is_refused() {
    let (cluster, shop) = shop();
    let store = Store::new();
    let snapshot = store.take(&shop);
    let before = shop.dump_text();
    drop(valid(store.restore(&snapshot, &shop).run()).exit(4).says("hint: "));
    drop(
        valid(store.restore(&snapshot, &shop).args(["--clean", "--if-exists"]).run())
            .exit(4)
            .says("very database"),
    );
    drop(
        valid(store.restore(&snapshot, &shop).args(["--create", "--clean"]).run())
            .exit(4)
            .says("very database"),
    );
    assert_eq!(before, shop.dump_text());

    for (number, content) in [
        "CREATE TABLE t (a int)",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA s",
    ]
    .iter()
    .enumerate()
    {
        let used = cluster.database(&format!("used_{number}"));
        used.run(content);
        drop(valid(store.restore(&snapshot, &used).run()).exit(4).says("not empty"));
    }
    let there = cluster.database("there");
    drop(valid(store.restore(&snapshot, &there).arg("--create").run()).exit(3).says("already exists"));
}

#[test]
fn what_is_in_the_way_is_dropped_when_that_is_asked_for() {
    let (cluster, shop) = shop();
    let store = Store::new();
    let snapshot = store.take(&shop);
    let copy = store.copy(&snapshot, &shop);
    copy.run("DELETE FROM order_items; ALTER TABLE orders ADD more text; DROP TABLE \"Orders\"");
    drop(valid(store.restore(&snapshot, &copy).run()).exit(4));
    proved(store.restore(&snapshot, &copy).args(["--clean", "--if-exists"]).run());
    same("cleaned", &shop.dump_text(), &copy.dump_text(), false);
    copy.run("CREATE TABLE of_its_own (a int)");
    proved(store.restore(&snapshot, &copy).args(["--create", "--clean"]).run());
    same("made again", &shop.dump_text(), &copy.dump_text(), false);
    let new = cluster.existing("never there");
    drop(valid(store.restore(&snapshot, &new).args(["--create", "--clean"]).run()).exit(3));
    proved(store.restore(&snapshot, &new).args(["--create", "--clean", "--if-exists"]).run());
}

#[test]
fn partitioned_tables_are_dropped_with_their_keys() {
    let cluster = Cluster::shared(newest_major());
    let shop = cluster.database("parted");
    shop.run(
        "CREATE TABLE payments (paid date, id int, note text, PRIMARY KEY (paid, id)) PARTITION BY RANGE (paid);
         CREATE TABLE payments_2024 PARTITION OF payments FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
         CREATE TABLE payments_later PARTITION OF payments DEFAULT;
         CREATE INDEX by_note ON payments (note);
         CREATE TABLE refunds (paid date, id int, FOREIGN KEY (paid, id) REFERENCES payments);
         INSERT INTO payments SELECT date '2024-12-01' + i, i, 'note' FROM generate_series(1, 100) AS i;
         INSERT INTO refunds SELECT paid, id FROM payments WHERE id < 10",
    );
    let store = Store::new();
    let snapshot = store.take(&shop);
    let before = shop.dump_text();
    shop.run("DELETE FROM refunds; DELETE FROM payments WHERE id < 50");
    proved(store.restore(&snapshot, &shop).args(["--clean", "--if-exists", "--force"]).run());
    same("brought back", &before, &shop.dump_text(), false);
}

#[test]
fn what_cannot_be_dropped_leaves_everything_as_it_was() {
    let (_, shop) = shop();
    let store = Store::new();
    let snapshot = store.take(&shop);
    shop.run("CREATE VIEW of_today AS SELECT * FROM orders");
    let before = shop.dump_text();
    let refused =
        valid(store.restore(&snapshot, &shop).args(["--clean", "--if-exists", "--force"]).run()).exit(3);
    drop(refused.says("2BP01").says("--create --clean"));
    same("untouched", &before, &shop.dump_text(), false);
}

#[test]
fn owners_and_privileges_can_be_left_behind_or_brought_along() {
    let source = Cluster::shared(newest_major());
    let owned = source.database("owned");
    owned.run(
        "CREATE ROLE keeper LOGIN PASSWORD 'secret word' VALID UNTIL '2040-01-01'; CREATE ROLE \"odd 'reader'\" NOLOGIN;
         GRANT keeper TO \"odd 'reader'\"; ALTER ROLE keeper SET work_mem = '8MB';
         CREATE TABLE t (a int); INSERT INTO t VALUES (1); ALTER TABLE t OWNER TO keeper; GRANT SELECT ON t TO \"odd 'reader'\";
         SELECT lo_from_bytea(99, 'x'); ALTER LARGE OBJECT 99 OWNER TO keeper;",
    );
    let store = Store::new();
    let snapshot = store.take(&owned);
    let other = Cluster::start(newest_major(), &[]);

    let lacking = other.existing("lacking");
    let outcome = valid(store.restore(&snapshot, &lacking).arg("--create").run()).exit(4);
    drop(outcome.says("keeper").says("--create-roles").hides("secret word").hides("SCRAM"));
    let bare = other.database("bare");
    proved(store.restore(&snapshot, &bare).args(["--no-owner", "--no-privileges"]).run());
    assert_eq!(bare.scalar("SELECT tableowner FROM pg_tables WHERE tablename = 't'"), "postgres");
    assert_eq!(bare.scalar("SELECT relacl IS NULL FROM pg_class WHERE relname = 't'"), "t");
    assert_eq!(bare.rows("SELECT 1 FROM pg_roles WHERE rolname = 'keeper'").len(), 0);

    let whole = other.database("whole");
    let outcome = proved(store.restore(&snapshot, &whole).arg("--create-roles").run());
    drop(outcome.hides("secret word").hides("SCRAM"));
    same("roles", &owned.dump_text(), &whole.dump_text(), false);
    let roles = "SELECT a.rolname, a.rolpassword, a.rolvaliduntil, a.rolcanlogin, s.setconfig, ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = a.oid)
        FROM pg_authid a LEFT JOIN pg_db_role_setting s ON s.setrole = a.oid AND s.setdatabase = 0
        WHERE a.rolname IN ('keeper', 'odd ''reader''') ORDER BY 1";
    assert_eq!(owned.rows(roles), whole.rows(roles));

    other.existing("postgres").run("CREATE ROLE maker SUPERUSER");
    let made = other.database("made");
    proved(store.restore(&snapshot, &made).args(["--no-owner", "--role", "maker"]).run());
    assert_eq!(made.scalar("SELECT tableowner FROM pg_tables WHERE tablename = 't'"), "maker");
}

#[test]
fn tablespaces_are_kept_or_left_behind() {
    let cluster = Cluster::shared(newest_major());
    let original = cluster.database("spread");
    original.run("SET allow_in_place_tablespaces = on; CREATE TABLESPACE aside LOCATION ''");
    original.run("CREATE TABLE t (a int) TABLESPACE aside; INSERT INTO t VALUES (1); CREATE INDEX t_a ON t (a) TABLESPACE aside");
    let store = Store::new();
    let snapshot = store.take(&original);
    let places = "SELECT string_agg(relname || ' ' || coalesce(spcname, ''), ', ' ORDER BY relname) \
                  FROM pg_class c LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace WHERE relname IN ('t', 't_a')";
    let kept = store.copy(&snapshot, &original);
    assert_eq!(kept.scalar(places), "t aside, t_a aside");
    let left = cluster.database("gathered");
    drop(proved(store.restore(&snapshot, &left).arg("--no-tablespaces").run()));
    assert_eq!(left.scalar(places), "t , t_a ");
}

#[test]
fn single_tables_need_their_schema_where_they_are_restored_and_it_is_said() {
    let (cluster, database) = shop();
    let store = Store::new();
    let snapshot = store.taken(store.create(&database).args(["-t", "archive.orders"]).run());
    let target = cluster.database("alone");
    let failed = store.restore(&snapshot, &target).run().exit(3);
    drop(
        failed.says("cannot make table \"archive\".\"orders\"").says("hint: take one of whole schemas (-n)"),
    );
    target.run("CREATE SCHEMA archive");
    proved(store.restore(&snapshot, &target).arg("--force").run());
    assert_eq!(target.scalar("SELECT id FROM archive.orders"), "7");
}
