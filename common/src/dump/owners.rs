//! The roles that only large objects need: their owners, and whom they are granted to. What makes a schema does not name them.

use crate::name::ident;
use crate::pg::archive::Contents;
use crate::sql::lexer::{Dialect, Kind, is, tokens};
use std::collections::BTreeSet;

/// One harmless statement for each role, which fails where the role is not there.
pub(super) fn statements(contents: &Contents) -> Vec<String> {
    let mut roles = BTreeSet::new();
    for entry in &contents.entries {
        let is_object = matches!(entry.kind.as_str(), "BLOB" | "BLOB METADATA");
        if is_object || (entry.kind == "ACL" && entry.tag.starts_with("LARGE OBJECT")) {
            roles.insert(ident(&entry.owner));
            roles.extend(named(&entry.definition));
        }
    }
    roles.remove(&ident(""));
    roles.into_iter().map(|role| format!("COMMENT ON ROLE {role} IS NULL")).collect()
}

/// The roles in `GRANT … TO a, b`, `REVOKE … FROM a` and `SET SESSION AUTHORIZATION a`, as they are written.
fn named(definition: &str) -> Vec<String> {
    let mut roles = Vec::new();
    // Whether a role comes now, and whether one has just come.
    let (mut expected, mut listed) = (false, false);
    for (kind, text) in tokens(definition.as_bytes(), Dialect::default()) {
        let any = |words: &[&str]| words.iter().any(|word| is(text, word));
        match kind {
            Kind::Space | Kind::Comment => {}
            Kind::Word if any(&["to", "from", "authorization"]) => (expected, listed) = (true, false),
            Kind::Word if expected && any(&["public", "default"]) => (expected, listed) = (false, true),
            Kind::Word | Kind::Quoted if expected => {
                roles.push(String::from_utf8_lossy(text).into_owned());
                (expected, listed) = (false, true);
            }
            Kind::Other if text == b"," => (expected, listed) = (listed, false),
            _ => (expected, listed) = (false, false),
        }
    }
    roles
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn roles_are_found_in_grants() {
        let text = "SET SESSION AUTHORIZATION \"Me, too\";\nGRANT SELECT,UPDATE ON LARGE OBJECT 1 TO a, \"b\"\"c\" WITH GRANT OPTION;\nREVOKE ALL ON LARGE OBJECT 1 FROM PUBLIC;";
        assert_eq!(named(text), ["\"Me, too\"", "a", "\"b\"\"c\""]);
    }
}
