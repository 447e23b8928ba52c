//! Whether two databases, or two snapshots, are the same, and in which lines they are not.

use common::format::fingerprint::Fingerprint;
use common::format::manifest::{Column, Manifest, Table};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use testkit::Database;

/// How many differing lines are shown.
const SHOWN: usize = 12;

/// All that can be seen of a database, but for its name: what `pg_dump` says, and what belongs to the database itself.
pub(crate) fn seen(database: &Database) -> String {
    let mut seen = database.dump_text();
    for row in database.rows(
        "SELECT 'database', pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype, datconnlimit, datacl, \
                shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database() \
         UNION ALL \
         SELECT 'setting', coalesce(r.rolname, ''), s.setconfig::text, '', '', 0, NULL, NULL \
           FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole \
          WHERE d.datname = current_database() ORDER BY 1, 2",
    ) {
        let _ = writeln!(seen, "{}", row.join("|"));
    }
    seen
}

/// Fails unless both texts are the same; `in_any_order` if only their lines have to be.
pub(crate) fn same(what: &str, expected: &str, found: &str, in_any_order: bool) {
    let sorted = |text: &str| {
        let mut lines: Vec<_> = text.lines().collect();
        lines.sort_unstable();
        lines.join("\n")
    };
    if expected == found || (in_any_order && sorted(expected) == sorted(found)) {
        return;
    }
    let (before, after): (BTreeSet<_>, BTreeSet<_>) = (expected.lines().collect(), found.lines().collect());
    let shown = |lines: Vec<&&str>| lines.into_iter().take(SHOWN).copied().collect::<Vec<_>>().join("\n");
    panic!(
        "{what}: not the same\nonly expected:\n{}\nonly found:\n{}",
        shown(before.difference(&after).collect()),
        shown(after.difference(&before).collect())
    );
}

/// What of a table's rows must be the same in a snapshot of a copy.
#[derive(Debug, PartialEq, Eq)]
struct Rows {
    columns: Vec<Column>,
    generated: Vec<Column>,
    copied: Fingerprint,
    with_generated: Option<Fingerprint>,
}

/// Fails unless the snapshot of a copy has the content of the snapshot it was made from.
///
/// `reordered` are tables whose columns come back in another order, so that only their number of rows can be compared.
/// `stale` are materialised views that the restore told to differ.
pub(crate) fn same_content(
    original: &Manifest,
    copy: &Manifest,
    reordered: &[&str],
    stale: &BTreeSet<String>,
) {
    assert_eq!(tables(original, reordered), tables(copy, reordered), "tables");
    assert_eq!(original.sequences, copy.sequences, "sequences");
    let objects = |manifest: &Manifest| {
        let objects = manifest.large_objects.clone().unwrap_or_default();
        let mut content = Fingerprint::default();
        objects.content.iter().for_each(|segment| content.merge(&segment.fingerprint));
        (objects.count, objects.catalog.fingerprint, content)
    };
    assert_eq!(objects(original), objects(copy), "large objects");
    let views = |manifest: &Manifest| {
        let views = manifest.materialized_views.iter().map(|view| {
            let fingerprint = view.fingerprint.filter(|_| !stale.contains(&view.name));
            (view.schema.clone(), view.name.clone(), view.populated, fingerprint)
        });
        views.collect::<Vec<_>>()
    };
    assert_eq!(views(original), views(copy), "materialised views");
}

/// By name; tables that are loaded through their root count as that root.
fn tables(manifest: &Manifest, reordered: &[&str]) -> BTreeMap<String, Rows> {
    let mut tables: BTreeMap<String, Rows> = BTreeMap::new();
    for table in &manifest.tables {
        let name = table.load_through.clone().unwrap_or_else(|| table.qualified()).to_string();
        let rows = rows(table, reordered.contains(&table.name.as_str()));
        match tables.get_mut(&name) {
            None => drop(tables.insert(name, rows)),
            Some(sum) => {
                sum.copied.merge(&rows.copied);
                if let (Some(sum), Some(more)) = (&mut sum.with_generated, &rows.with_generated) {
                    sum.merge(more);
                }
            }
        }
    }
    tables
}

fn rows(table: &Table, reordered: bool) -> Rows {
    let sorted = |columns: &[Column]| {
        let mut columns = columns.to_vec();
        columns.sort_by(|one, other| one.name.cmp(&other.name));
        columns
    };
    let of = |fingerprint: Fingerprint| {
        if reordered { Fingerprint { sum: 0, ..fingerprint } } else { fingerprint }
    };
    Rows {
        columns: if reordered { sorted(&table.columns) } else { table.columns.clone() },
        generated: if reordered { sorted(&table.generated) } else { table.generated.clone() },
        copied: of(table.fingerprint),
        with_generated: table.with_generated.map(of),
    }
}
