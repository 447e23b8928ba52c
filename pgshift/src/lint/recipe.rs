//! Ready statements that do safely what was found. Each line is one statement; a comment says where a new migration begins.

use crate::grammar::{Constraint, Name, NewIndex};
use common::name::{QualifiedName, ident};

/// What parts statements that must not be in one transaction.
const NEXT: &str = "-- in a migration of its own:";

/// What has to run without a transaction around it.
const ALONE: &str = "-- in a migration without a transaction:";

fn columns(names: &[String]) -> String {
    names.iter().map(|name| ident(name)).collect::<Vec<_>>().join(", ")
}

/// A name for a constraint that was given none.
fn named(table: &QualifiedName, name: Option<&String>, what: &str) -> String {
    ident(&name.cloned().unwrap_or_else(|| format!("{}_{what}", table.name)))
}

/// Recipe 1: NOT NULL by way of a CHECK; since 18 by a NOT NULL that is not valid yet.
pub(super) fn not_null(table: &QualifiedName, column: &str, major: Option<u32>) -> String {
    let name = ident(&format!("{}_{column}_not_null", table.name));
    let column = ident(column);
    if major.is_some_and(|major| major >= 18) {
        return format!(
            "ALTER TABLE {table} ADD CONSTRAINT {name} NOT NULL {column} NOT VALID;\n{NEXT}\n\
             ALTER TABLE {table} VALIDATE CONSTRAINT {name};"
        );
    }
    format!(
        "ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID;\n{NEXT}\n\
         ALTER TABLE {table} VALIDATE CONSTRAINT {name};\n{NEXT}\n\
         ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;\n\
         ALTER TABLE {table} DROP CONSTRAINT {name};"
    )
}

/// Recipes 2 and 5: a constraint that is checked later, under a weak lock.
pub(super) fn not_valid(table: &QualifiedName, constraint: &Constraint, what: &str) -> String {
    let name = named(table, constraint.name.as_ref(), what);
    let text = &constraint.text;
    format!(
        "ALTER TABLE {table} ADD CONSTRAINT {name} {text} NOT VALID;\n{NEXT}\n\
         ALTER TABLE {table} VALIDATE CONSTRAINT {name};"
    )
}

/// Recipe 3: the index first, without stopping anybody, and then the constraint by it.
pub(super) fn by_index(table: &QualifiedName, constraint: &Constraint, kind: &str, what: &str) -> String {
    let name = named(table, constraint.name.as_ref(), what);
    let columns = columns(&constraint.columns);
    format!(
        "{ALONE}\nCREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} ({columns});\n{NEXT}\n\
         ALTER TABLE {table} ADD CONSTRAINT {name} {kind} USING INDEX {name};"
    )
}

/// The statement itself with CONCURRENTLY behind the words that it comes after.
pub(super) fn concurrently(text: &str, words: &[&str]) -> String {
    let mut at = 0;
    let upper = text.to_ascii_uppercase();
    for word in words {
        at = upper.get(at..).and_then(|rest| rest.find(word)).map_or(at, |found| at + found + word.len());
    }
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let text = format!("{before} CONCURRENTLY{after}");
    format!("{ALONE}\n{};", text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Recipe 4: an index on a partitioned table, part by part.
pub(super) fn partitioned_index(index: &NewIndex, table: &QualifiedName, parts: &[QualifiedName]) -> String {
    let usual = || format!("{}_{}_idx", table.name, index.columns.join("_"));
    let name = index.name.as_ref().map_or_else(usual, |name| name.name.clone());
    let unique = if index.unique { "UNIQUE " } else { "" };
    let columns = columns(&index.columns);
    let parent = QualifiedName::new(&table.schema, &name);
    let mut lines =
        vec![format!("CREATE {unique}INDEX {} ON ONLY {table} ({columns});", ident(&name)), ALONE.to_owned()];
    for part in parts {
        let own = format!("{}_{name}", part.name);
        lines.push(format!("CREATE {unique}INDEX CONCURRENTLY {} ON {part} ({columns});", ident(&own)));
        let own = QualifiedName::new(&part.schema, own);
        lines.push(format!("ALTER INDEX {parent} ATTACH PARTITION {own};"));
    }
    lines.join("\n")
}

/// Recipe 9: the column first, its values in batches, the rule last.
pub(super) fn fill_later(
    table: &QualifiedName,
    column: &str,
    type_name: &str,
    default: Option<&str>,
) -> String {
    let column = ident(column);
    let default =
        default.map(|default| format!("\nALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {default};"));
    format!(
        "ALTER TABLE {table} ADD COLUMN {column} {type_name};{}\n-- then fill it in batches, in a migration of its own",
        default.unwrap_or_default()
    )
}

/// Recipe 7: a new column beside the old one.
pub(super) fn new_column(table: &QualifiedName, column: &str, to: &str) -> String {
    let (old, new) = (ident(column), ident(&format!("{column}_new")));
    format!(
        "ALTER TABLE {table} ADD COLUMN {new} {to};\n\
         -- keep both equal by a trigger, fill the new one in batches, then in one migration:\n\
         ALTER TABLE {table} DROP COLUMN {old};\n\
         ALTER TABLE {table} RENAME COLUMN {new} TO {old};"
    )
}

/// Recipe 8: the old name stays as a view.
pub(super) fn renamed_table(table: &QualifiedName, to: &Name) -> String {
    let new = QualifiedName::new(&table.schema, &to.name);
    format!(
        "ALTER TABLE {table} RENAME TO {};\nCREATE VIEW {table} AS SELECT * FROM {new};\n\
         -- in a migration of its own, when nobody uses the old name any more:\nDROP VIEW {table};",
        ident(&to.name)
    )
}

/// Recipe 12: a table of its own, checked, and then attached.
pub(super) fn attach(parent: &QualifiedName, child: &QualifiedName) -> String {
    format!(
        "ALTER TABLE {child} ADD CONSTRAINT \"in_range\" CHECK (/* the bounds, and the key IS NOT NULL */) NOT VALID;\n{NEXT}\n\
         ALTER TABLE {child} VALIDATE CONSTRAINT \"in_range\";\n{NEXT}\n\
         ALTER TABLE {parent} ATTACH PARTITION {child} FOR VALUES …;"
    )
}

/// A partition that is made beside its parent.
pub(super) fn partition(parent: &QualifiedName, child: &Name) -> String {
    format!(
        "CREATE TABLE {child} (LIKE {parent} INCLUDING ALL);\n\
         ALTER TABLE {parent} ATTACH PARTITION {child} FOR VALUES …;"
    )
}

/// Rows in batches.
pub(super) fn batches(table: &QualifiedName, text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!(
        "-- in batches by the key of {table}, each in a transaction of its own:\n\
         {text} WHERE /* key */ > … AND /* key */ <= …;"
    )
}

/// Recipe 2's first part: the index that deletes from the referenced table need.
pub(super) fn index_for_key(table: &QualifiedName, names: &[String]) -> String {
    let name = ident(&format!("{}_{}_idx", table.name, names.join("_")));
    format!("{ALONE}\nCREATE INDEX CONCURRENTLY {name} ON {table} ({});", columns(names))
}

/// What was left behind by an index build that failed.
pub(super) fn rebuild(index: &Name, text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{ALONE}\nDROP INDEX CONCURRENTLY {index};\n{text};")
}
