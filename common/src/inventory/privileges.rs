//! Privileges as what was granted and revoked since the object was made.
//!
//! Said against the default of the object's own server, so that a privilege which a newer version has invented is no
//! difference; ALL is all that the version knows, as in `pg_dump`. The owner is called that, so that a change
//! of owner is one difference and not two.
//! Source of the format: `src/backend/utils/adt/acl.c` (`aclparse`, `putid`).

use crate::name::ident;
use std::collections::{BTreeMap, BTreeSet};

/// Who may, by whom it was granted. `None` is the owner.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Grant {
    grantee: Who,
    grantor: Who,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Owner,
    Public,
    Role(String),
}

impl Who {
    fn of(name: &str, owner: Option<&str>) -> Self {
        match name {
            "" => Self::Public,
            name if Some(name) == owner => Self::Owner,
            name => Self::Role(name.to_owned()),
        }
    }

    fn spelled(&self) -> String {
        match self {
            Self::Owner => "owner".to_owned(),
            Self::Public => "PUBLIC".to_owned(),
            Self::Role(name) => ident(name),
        }
    }
}

/// A letter of the catalogs, and whether it may be passed on.
type Rights = BTreeSet<(char, bool)>;
type List = BTreeMap<Grant, Rights>;

/// What was changed in `acl` against `base`, both as `aclitem[]` spells them.
pub(super) fn changes(acl: &str, base: Option<&str>, owner: Option<&str>) -> String {
    let base = base.unwrap_or("{}");
    // Who made the object at first: the one who grants in the base. Its successor has inherited all of it.
    let first = items(base).into_iter().next().map(|(_, _, grantor)| grantor);
    let (before, now) = (list(base, first.as_deref()), list(acl, owner.or(first.as_deref())));
    let all: Rights = before
        .iter()
        .find(|(grant, _)| grant.grantee == Who::Owner)
        .map_or_else(|| "arwx".chars().map(|letter| (letter, false)).collect(), |(_, rights)| rights.clone());
    let mut changes = Vec::new();
    let none = Rights::new();
    let grants: BTreeSet<&Grant> = before.keys().chain(now.keys()).collect();
    for grant in grants {
        let (had, has) = (before.get(grant).unwrap_or(&none), now.get(grant).unwrap_or(&none));
        let lost: Rights = had.iter().filter(|(letter, _)| !holds(has, *letter)).copied().collect();
        let (plain, with_option): (Rights, Rights) =
            has.difference(had).copied().partition(|(_, option)| !option);
        let spelled = |verb: &str, rights: &Rights, link: &str, end: &str| {
            (!rights.is_empty()).then(|| {
                let by = match (&grant.grantor, &grant.grantee) {
                    (Who::Owner, _) => String::new(),
                    (grantor, _) => format!(" GRANTED BY {}", grantor.spelled()),
                };
                format!("{verb} {} {link} {}{end}{by}", words(rights, &all), grant.grantee.spelled())
            })
        };
        changes.extend(spelled("REVOKE", &lost, "FROM", ""));
        changes.extend(spelled("GRANT", &plain, "TO", ""));
        changes.extend(spelled("GRANT", &with_option, "TO", " WITH GRANT OPTION"));
    }
    changes.join("; ")
}

fn holds(rights: &Rights, letter: char) -> bool {
    rights.contains(&(letter, false)) || rights.contains(&(letter, true))
}

fn words(rights: &Rights, all: &Rights) -> String {
    if all.iter().all(|(letter, _)| holds(rights, *letter)) {
        return "ALL".to_owned();
    }
    let mut words: Vec<_> = rights.iter().map(|(letter, _)| word(*letter)).collect();
    words.sort_unstable();
    words.join(", ")
}

fn word(letter: char) -> &'static str {
    match letter {
        'a' => "INSERT",
        'r' => "SELECT",
        'w' => "UPDATE",
        'd' => "DELETE",
        'D' => "TRUNCATE",
        'x' => "REFERENCES",
        't' => "TRIGGER",
        'm' => "MAINTAIN",
        'X' => "EXECUTE",
        'U' => "USAGE",
        'C' => "CREATE",
        'c' => "CONNECT",
        'T' => "TEMPORARY",
        's' => "SET",
        'A' => "ALTER SYSTEM",
        _ => "something that this release does not know",
    }
}

fn list(acl: &str, owner: Option<&str>) -> List {
    let mut list = List::new();
    for (grantee, rights, grantor) in items(acl) {
        let grant = Grant { grantee: Who::of(&grantee, owner), grantor: Who::of(&grantor, owner) };
        let place = list.entry(grant).or_default();
        let mut letters = rights.chars().peekable();
        while let Some(letter) = letters.next() {
            place.insert((letter, letters.next_if_eq(&'*').is_some()));
        }
    }
    list
}

/// Grantee, letters and grantor of each item.
fn items(acl: &str) -> Vec<(String, String, String)> {
    let items = crate::pg::catalog::array(acl);
    items
        .iter()
        .map(|item| {
            let (grantee, rest) = role(item);
            let (rights, grantor) =
                rest.strip_prefix('=').unwrap_or(rest).split_once('/').unwrap_or((rest, ""));
            (grantee, rights.to_owned(), role(grantor).0)
        })
        .collect()
}

/// A role's name at the beginning of `text`, and what follows it.
fn role(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find('=').unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        return (name.to_owned(), rest);
    };
    let mut name = String::new();
    let mut rest = quoted;
    while let Some((head, tail)) = rest.split_once('"') {
        name.push_str(head);
        match tail.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return (name, tail),
        }
    }
    (name, "")
}

#[cfg(test)]
mod tests {
    use super::changes;

    #[test]
    fn only_what_differs_from_the_default_is_said() {
        let base = Some("{bob=arwdDxt/bob}");
        let of = |acl| changes(acl, base, Some("bob"));
        assert_eq!(of("{bob=arwdDxt/bob}"), "");
        assert_eq!(
            of("{bob=arwdDxt/bob,alice=r/bob,=r*w/bob}"),
            "GRANT UPDATE TO PUBLIC; GRANT SELECT TO PUBLIC WITH GRANT OPTION; GRANT SELECT TO \"alice\""
        );
        assert_eq!(of("{bob=arwdDxt/bob,alice=arwdDxt/bob}"), "GRANT ALL TO \"alice\"");
        assert_eq!(of("{bob=ardDxt/bob}"), "REVOKE UPDATE FROM owner");
        assert_eq!(of("{}"), "REVOKE ALL FROM owner");
    }

    #[test]
    fn a_new_owner_is_the_owner_and_odd_names_are_names() {
        let base = Some("{postgres=UC/postgres,=UC/postgres}");
        assert_eq!(changes("{bob=UC/bob,=UC/bob}", base, Some("bob")), "");
        assert_eq!(
            changes(r#"{bob=UC/bob,"\"a\"\"=b/\"=U/bob"}"#, base, Some("bob")),
            "REVOKE ALL FROM PUBLIC; GRANT USAGE TO \"a\"\"=b/\""
        );
    }
}
