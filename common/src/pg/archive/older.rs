//! What a `pg_dump` newer than the server writes although the server refuses it.
//!
//! pg_dump writes for servers of its own version; options that an older one doesn't know say what that one does
//! anyway, so they can go.

/// Options of CREATE SUBSCRIPTION, and the first major version that knows them.
const SUBSCRIPTION: &[(&str, u32)] = &[
    ("streaming", 14),
    ("two_phase", 15),
    ("disable_on_error", 15),
    ("origin", 16),
    ("password_required", 16),
    ("run_as_owner", 16),
    ("failover", 17),
];

/// `definition` of an entry of `kind`, for a server of version `major`.
pub(super) fn fit(kind: &str, definition: &str, major: u32) -> String {
    match kind {
        "SUBSCRIPTION" => subscription(definition, major),
        "DATABASE" => database(definition, major),
        "SEQUENCE" if major < 15 => always_logged(definition),
        _ => definition.to_owned(),
    }
}

/// The options stand in the last parentheses, which hold no others.
fn subscription(definition: &str, major: u32) -> String {
    let Some((head, options)) = definition.rsplit_once(" WITH (") else { return definition.to_owned() };
    let Some((options, tail)) = options.rsplit_once(')') else { return definition.to_owned() };
    let known = |option: &&str| {
        let name = option.split(' ').next().unwrap_or_default();
        SUBSCRIPTION.iter().all(|(newer, since)| *newer != name || major >= *since)
    };
    let kept: Vec<&str> = options.split(", ").filter(known).collect();
    format!("{head} WITH ({}){tail}", kept.join(", "))
}

/// The provider is named from 15 on, both locales at once from 13 on.
fn database(definition: &str, major: u32) -> String {
    let Some((head, clauses)) = definition.rsplit_once(" WITH TEMPLATE = ") else {
        return definition.to_owned();
    };
    let mut clauses = clauses.to_owned();
    if major < 15 {
        clauses = clauses.replace(" LOCALE_PROVIDER = libc", "");
    }
    if major < 13
        && let Some((before, rest)) = clauses.split_once(" LOCALE = '")
        && let Some((locale, after)) = rest.split_once('\'')
    {
        clauses = format!("{before} LC_COLLATE = '{locale}' LC_CTYPE = '{locale}'{after}");
    }
    format!("{head} WITH TEMPLATE = {clauses}")
}

/// Before 15 the sequence of an unlogged table was like any other, and nothing said so. Names stand before the last match.
fn always_logged(definition: &str) -> String {
    match definition.rsplit_once("\n    LOGGED\n    START WITH ") {
        Some((head, tail)) => format!("{head}\n    START WITH {tail}"),
        None => definition.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn what_a_server_does_not_know_goes_and_the_rest_stays() {
        let subscription = "CREATE SUBSCRIPTION s CONNECTION 'a WITH (b)' PUBLICATION p WITH (connect = false, \
                            slot_name = NONE, streaming = off, run_as_owner = true);";
        let fitted = subscription.replace(", streaming = off, run_as_owner = true", "");
        assert_eq!(fit("SUBSCRIPTION", subscription, 13), fitted);
        assert_eq!(fit("SUBSCRIPTION", subscription, 18), subscription);
        let database = "CREATE DATABASE d WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'C.UTF-8';";
        assert_eq!(fit("DATABASE", database, 15), database);
        let expected = "CREATE DATABASE d WITH TEMPLATE = template0 ENCODING = 'UTF8' LC_COLLATE = 'C.UTF-8' LC_CTYPE = 'C.UTF-8';";
        assert_eq!(fit("DATABASE", database, 12), expected);
        let identity = "ALTER TABLE u ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (\n    SEQUENCE NAME s\n    LOGGED\n    START WITH 1\n);";
        assert_eq!(fit("SEQUENCE", identity, 14), identity.replace("    LOGGED\n", ""));
        assert_eq!(fit("SEQUENCE", identity, 15), identity);
    }
}
