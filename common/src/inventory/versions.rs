//! What differs because the servers' versions do, or for another reason that no copy can help. It is told, and not
//! held against the copy.

use super::Object;

/// What the query of user mappings gives for options that the reader may not see.
const NOT_READABLE: &str = "(not readable)";

/// Why `property` differs, when the versions are the reason.
pub(super) fn explains(
    (before, now): (u32, u32),
    expected: &Object,
    found: &Object,
    property: &str,
) -> Option<String> {
    if &*expected.kind == "user mapping"
        && [expected, found].iter().any(|side| side.properties.get(property) == Some(NOT_READABLE))
    {
        return Some("one of the two users may not read the options of the mapping".to_owned());
    }
    if &*expected.kind == "collation" && property == "version" {
        return Some("the library that sorts has another version on the other host".to_owned());
    }
    if before == now {
        return None;
    }
    let crosses = |major: u32| before.min(now) < major && before.max(now) >= major;
    let is_public = &*expected.kind == "schema" && &*expected.name == "\"public\"";
    match property {
        "version" if &*expected.kind == "extension" => {
            Some(format!("PostgreSQL {now} brings another version of the extension"))
        }
        "owner"
            if is_public && crosses(15) && found.properties.get(property) == Some("pg_database_owner") =>
        {
            Some("since PostgreSQL 15 the schema public belongs to pg_database_owner".to_owned())
        }
        "privileges" if is_public && crosses(15) => {
            let others = |object: &Object| {
                let changes = object.properties.get(property).unwrap_or_default().split("; ");
                changes
                    .filter(|change| !change.ends_with(" PUBLIC") && !change.is_empty())
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            (others(expected) == others(found))
                .then(|| "since PostgreSQL 15 not everybody may create in the schema public".to_owned())
        }
        "privileges" if crosses(17) => {
            let without =
                |object: &Object| without_maintain(object.properties.get(property).unwrap_or_default());
            (without(expected) == without(found))
                .then(|| "the privilege MAINTAIN is there since PostgreSQL 17".to_owned())
        }
        "definition" | "locale" if matches!(&*expected.kind, "collation" | "database") && crosses(16) => {
            let is_icu = |side: &Object| {
                side.properties.get("provider") == Some("icu")
                    || side.properties.get("definition").is_some_and(|text| text.starts_with("icu,"))
            };
            (is_icu(expected) && is_icu(found))
                .then(|| "since PostgreSQL 16 names of ICU locales are brought into one form".to_owned())
        }
        "multirange" if crosses(14) => Some("ranges have multiranges since PostgreSQL 14".to_owned()),
        _ => None,
    }
}

/// What is left of the changes when none speaks of the privilege.
fn without_maintain(changes: &str) -> String {
    let rest = changes.split("; ").filter(|change| !change.starts_with("REVOKE MAINTAIN FROM "));
    rest.collect::<Vec<_>>().join("; ").replace(", MAINTAIN", "").replace("MAINTAIN, ", "")
}

/// Why an object is on one side only, when it is no fault of the copy.
pub(super) fn explains_object((before, now): (u32, u32), object: &Object, expected: bool) -> Option<String> {
    let property = |name: &str| object.properties.get(name).unwrap_or_default();
    let crosses = |major: u32| before.min(now) < major && before.max(now) >= major;
    match &*object.kind {
        "constraint" if property("definition").starts_with("NOT NULL") && crosses(18) => {
            Some("since PostgreSQL 18 not-null constraints have names".to_owned())
        }
        "index" if expected && property("valid") == "no" => {
            Some("pg_dump leaves out an index that is not valid".to_owned())
        }
        "extension" | "schema" if !expected && ["\"plpgsql\"", "\"public\""].contains(&&*object.name) => {
            Some("every new database has it, and pg_dump does not tell that it was dropped".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::without_maintain;

    #[test]
    fn a_privilege_that_one_side_does_not_know_is_left_out_of_lists_and_clauses() {
        let old = "GRANT INSERT, SELECT TO owner WITH GRANT OPTION";
        assert_eq!(without_maintain(&format!("REVOKE MAINTAIN FROM owner; {old}")), old);
        assert_eq!(without_maintain("GRANT MAINTAIN, SELECT TO PUBLIC"), "GRANT SELECT TO PUBLIC");
        assert_ne!(without_maintain("REVOKE INSERT, MAINTAIN FROM owner"), "");
    }
}
