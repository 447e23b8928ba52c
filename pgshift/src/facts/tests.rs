use super::*;
use crate::grammar::{Statement, read};

impl Facts {
    /// A database that these statements make, and in which each table then has so many rows.
    pub(crate) fn made_by(ddl: &str, rows: &[(&str, u64)]) -> Self {
        let mut facts = Self { complete: true, major: Some(16), ..Self::default() };
        for statement in ddl.split(";\n").map(str::trim).filter(|statement| !statement.is_empty()) {
            let read = read(statement);
            assert!(!matches!(read, Statement::Unread(_)), "{statement}: {read:?}");
            facts.change(&read);
        }
        facts.end_of_file();
        for (table, rows) in rows {
            let size = Size { rows: Some(*rows), bytes: Some(rows * 100) };
            facts.relations.get_mut(&QualifiedName::new("public", *table)).unwrap().size = size;
        }
        facts
    }
}

fn table(name: &str) -> QualifiedName {
    QualifiedName::new("public", name)
}

#[test]
fn what_a_file_creates_is_empty_until_its_end() {
    let mut facts = Facts::default();
    facts.change(&read("CREATE TABLE t (id int PRIMARY KEY)"));
    assert!(facts.is_fresh(&table("t")) && facts.size(&table("t")) == Size::EMPTY);
    facts.end_of_file();
    assert!(!facts.is_fresh(&table("t")));
    assert_eq!(facts.size(&table("t")), Size::UNKNOWN, "nobody knows what was written to it since");
}

#[test]
fn a_table_that_the_database_has_already_keeps_its_size_for_later_files() {
    let mut facts = Facts::made_by("CREATE TABLE t (id int)", &[("t", 1000)]);
    facts.change(&read("CREATE TABLE t (id int)"));
    assert_eq!(facts.size(&table("t")), Size::EMPTY);
    facts.end_of_file();
    assert_eq!(facts.size(&table("t")).rows, Some(1000));
}

#[test]
fn names_follow_the_search_path_and_renames() {
    let mut facts =
        Facts::made_by("CREATE TABLE shop.t (id int);\nCREATE TABLE u (t int REFERENCES shop.t)", &[]);
    facts.change(&read("SET search_path TO shop, public"));
    let name = Name { schema: None, name: "t".into() };
    assert_eq!(facts.resolve(&name), QualifiedName::new("shop", "t"));
    facts.change(&read("ALTER TABLE t RENAME TO v"));
    let referenced = QualifiedName::new("shop", "v");
    assert_eq!(
        facts.references_to(&referenced).map(|(name, _)| name.clone()).collect::<Vec<_>>(),
        [table("u")]
    );
    facts.end_of_file();
    assert_eq!(facts.resolve(&name), table("t"), "a file's search_path ends with it");
}

#[test]
fn a_validated_check_proves_that_a_column_is_not_null() {
    let mut facts = Facts::made_by("CREATE TABLE t (id int)", &[]);
    let proven = |facts: &Facts| crate::effects::is_proven_not_null(facts, &table("t"), "id");
    facts.change(&read("ALTER TABLE t ADD CONSTRAINT c CHECK (id IS NOT NULL) NOT VALID"));
    assert!(!proven(&facts));
    facts.change(&read("ALTER TABLE t VALIDATE CONSTRAINT c"));
    assert!(proven(&facts));
    facts.change(&read("ALTER TABLE t DROP CONSTRAINT c"));
    assert!(!proven(&facts));
}

#[test]
fn a_temporary_table_hides_the_one_of_its_name() {
    let mut facts = Facts::made_by("CREATE TABLE t (id int)", &[("t", 1000)]);
    let name = Name { schema: None, name: "t".into() };
    facts.change(&read("CREATE TEMP TABLE t (id int)"));
    assert!(facts.is_fresh(&facts.resolve(&name)));
    facts.end_of_file();
    assert_eq!(facts.resolve(&name), table("t"));
}

#[test]
fn what_is_not_there_is_not_locked() {
    let facts = Facts::made_by("CREATE TABLE t (id int)", &[]);
    let locks = |sql: &str| crate::effects::of(&read(sql), &facts).locks.len();
    assert_eq!((locks("DROP TABLE IF EXISTS t"), locks("DROP TABLE IF EXISTS u")), (1, 0));
}
