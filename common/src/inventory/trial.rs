//! How a definition is made once more, as a temporary object, and read back.
//!
//! What stands on a table is made on a temporary one with the same columns and the same name, because a definition
//! may name its table; everything else in it is qualified.

use super::Object;
use crate::name::literal;

/// The statements for one property of one object.
pub(super) struct Trial {
    before: Vec<String>,
    make: Make,
    /// The query that reads it back.
    pub(super) read: String,
}

enum Make {
    /// Between these two.
    Between(String, String),
    /// With the first of each pair replaced by the second, once; without it, it is not taken.
    Instead(Vec<(String, String)>),
}

const VIEW: &str = "SELECT pg_catalog.pg_get_viewdef('pg_temp.judged'::pg_catalog.regclass)";
/// The catalog of types, whose constraints are those of domains.
const PG_TYPE: u32 = 1247;

impl Trial {
    /// None for what is compared by its letters.
    pub(super) fn of(object: &Object, property: &str) -> Option<Self> {
        let of = object.of.as_deref();
        match (&*object.kind, property) {
            ("view" | "materialized view", "definition") => Some(Self::view("", "")),
            ("column", "default" | "generated as")
            | ("policy", "using" | "with check")
            | ("published table", "where") => {
                Some(Self::view("SELECT (", &format!(") AS judged FROM {}", of?)))
            }
            ("domain", "default") => Some(Self::view("SELECT (", ") AS judged")),
            ("constraint", "definition") if object.class == PG_TYPE => Some(Self {
                before: Vec::new(),
                make: Make::Between(
                    format!("CREATE DOMAIN pg_temp.judged AS {} CONSTRAINT judged ", of?),
                    String::new(),
                ),
                read: constraint("contypid = 'pg_temp.judged'::pg_catalog.regtype"),
            }),
            ("constraint", "definition") => Some(on(of?, |table, regclass| {
                let head = format!("ALTER TABLE {table} ADD CONSTRAINT judged ");
                (Make::Between(head, String::new()), constraint(&format!("conrelid = {regclass}")))
            })),
            ("index", "definition") => Some(on(of?, |table, _| {
                let head = format!("CREATE INDEX judged ON {table} ");
                let read = "SELECT pg_catalog.pg_get_indexdef('pg_temp.judged'::pg_catalog.regclass)";
                (Make::Between(head, String::new()), read.to_owned())
            })),
            ("trigger", "definition") => Some(on(of?, |table, regclass| {
                let read = format!(
                    "SELECT pg_catalog.pg_get_triggerdef(oid) FROM pg_catalog.pg_trigger WHERE tgrelid = {regclass}"
                );
                (Make::Instead(vec![instead(" ON ", of, table)]), read)
            })),
            ("rule", "definition") => Some(on(of?, |table, regclass| {
                let read = format!(
                    "SELECT pg_catalog.pg_get_ruledef(oid) FROM pg_catalog.pg_rewrite WHERE ev_class = {regclass}"
                );
                (Make::Instead(vec![instead(" TO ", of, table)]), read)
            })),
            ("statistics", "definition") => Some(on(of?, |table, regclass| {
                let read = format!(
                    "SELECT pg_catalog.pg_get_statisticsobjdef(oid) FROM pg_catalog.pg_statistic_ext WHERE stxrelid = {regclass}"
                );
                let name = instead("CREATE STATISTICS ", Some(&object.name), "pg_temp.judged");
                (Make::Instead(vec![name, instead(" FROM ", of, table)]), read)
            })),
            ("function" | "procedure", "arguments" | "SQL body") => function(object, property),
            _ => None,
        }
    }

    /// The statements that make it from `text`; none when that is not spelled as was expected.
    pub(super) fn statements(&self, text: &str) -> Option<Vec<String>> {
        let last = match &self.make {
            Make::Between(head, tail) => format!("{head}{text}{tail}"),
            Make::Instead(pairs) => pairs.iter().try_fold(text.to_owned(), |text, (what, by)| {
                text.contains(what).then(|| text.replacen(what, by, 1))
            })?,
        };
        Some(self.before.iter().cloned().chain([last]).collect())
    }

    fn view(head: &str, tail: &str) -> Self {
        let head = format!("CREATE TEMPORARY VIEW judged AS {head}");
        Self { before: Vec::new(), make: Make::Between(head, tail.to_owned()), read: VIEW.to_owned() }
    }
}

/// On a temporary table like `of`; `rest` gets its name, and its name as a `regclass`.
fn on(of: &str, rest: impl FnOnce(&str, &str) -> (Make, String)) -> Trial {
    let table = format!("pg_temp.{}", own_name(of));
    let regclass = format!("{}::pg_catalog.regclass", literal(&table));
    let (make, read) = rest(&table, &regclass);
    Trial { before: vec![format!("CREATE TEMPORARY TABLE {} (LIKE {of})", own_name(of))], make, read }
}

fn instead(word: &str, name: Option<&str>, table: &str) -> (String, String) {
    (format!("{word}{}", name.unwrap_or_default()), format!("{word}{table}"))
}

fn constraint(whose: &str) -> String {
    format!(
        "SELECT pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint WHERE {whose} AND conname = 'judged'"
    )
}

fn function(object: &Object, property: &str) -> Option<Trial> {
    let own = own_name(&object.name);
    let end = quoted_end(own)?;
    let (own, types) = own.split_at(end);
    let types = types.strip_prefix('(').and_then(|types| types.strip_suffix(')'))?;
    let name = format!("pg_temp.{own}");
    let result =
        object.properties.get("result").map_or_else(String::new, |result| format!(" RETURNS {result}"));
    let create = format!("CREATE {} {name}(", object.kind);
    let regproc = format!("{}::pg_catalog.regproc", literal(&name));
    let (make, read) = if property == "arguments" {
        (Make::Between(create, format!("){result} LANGUAGE sql AS ''")), "pg_get_function_arguments")
    } else {
        let arguments = object.properties.get("arguments").unwrap_or(types);
        let head = format!("{create}{arguments}){result} LANGUAGE sql ");
        (Make::Between(head, String::new()), "pg_get_function_sqlbody")
    };
    Some(Trial { before: Vec::new(), make, read: format!("SELECT pg_catalog.{read}({regproc})") })
}

/// The last part of a qualified name, in its quotes, and what follows it.
fn own_name(name: &str) -> &str {
    let rest = quoted_end(name).and_then(|end| name.get(end..)).unwrap_or_default();
    rest.strip_prefix('.').unwrap_or(name)
}

/// Where the quoted identifier that `text` begins with ends.
fn quoted_end(text: &str) -> Option<usize> {
    let mut end = 1;
    loop {
        end += text.get(end..)?.find('"')? + 1;
        if !text.get(end..)?.starts_with('"') {
            return Some(end);
        }
        end += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::own_name;

    #[test]
    fn dots_and_quotes_in_names_do_not_split_them() {
        assert_eq!(own_name("\"s\".\"t\""), "\"t\"");
        assert_eq!(own_name("\"a\"\".\"\"b\".\"c.\"\"d\""), "\"c.\"\"d\"");
    }
}
