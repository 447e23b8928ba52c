//! Privileges as the catalogs spell them (`{alice=r*w/alice,=r/alice}`), and the statements that give them.

use crate::error::{Error, Result};
use crate::name::ident;
use std::fmt::Write as _;

/// Who may do what, and who let them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Grant {
    /// Empty for everybody.
    grantee: String,
    /// Each privilege's letter, and whether it may be passed on.
    privileges: Vec<(char, bool)>,
    grantor: String,
}

/// The statements that give `what`, such as `LARGE OBJECT 5`, of `owner` exactly the privileges of `acl`.
pub fn statements(what: &str, owner: &str, acl: &str) -> Result<String> {
    let mut text = format!("REVOKE ALL ON {what} FROM {};\n", ident(owner));
    for grant in parse(acl)? {
        let other = grant.grantor != owner;
        if other {
            let _ = writeln!(text, "SET SESSION AUTHORIZATION {};", ident(&grant.grantor));
        }
        for (letter, may_pass_on) in &grant.privileges {
            let name = match letter {
                'r' => "SELECT",
                'w' => "UPDATE",
                _ => return Err(unreadable(acl)),
            };
            let grantee = if grant.grantee.is_empty() { "PUBLIC".to_owned() } else { ident(&grant.grantee) };
            let option = if *may_pass_on { " WITH GRANT OPTION" } else { "" };
            let _ = writeln!(text, "GRANT {name} ON {what} TO {grantee}{option};");
        }
        if other {
            text.push_str("RESET SESSION AUTHORIZATION;\n");
        }
    }
    Ok(text)
}

fn parse(acl: &str) -> Result<Vec<Grant>> {
    let inside = acl.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let items = elements(inside.ok_or_else(|| unreadable(acl))?);
    items.iter().map(|item| grant(item).ok_or_else(|| unreadable(acl))).collect()
}

/// The elements of an array's text, without the array's own quotes.
fn elements(text: &str) -> Vec<String> {
    let mut items = Vec::new();
    let (mut item, mut quoted, mut letters) = (String::new(), false, text.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '"' => quoted = !quoted,
            '\\' => item.extend(letters.next()),
            ',' if !quoted => items.push(std::mem::take(&mut item)),
            other => item.push(other),
        }
    }
    if !item.is_empty() {
        items.push(item);
    }
    items
}

/// `grantee=privileges/grantor`; a name with other letters than digits, letters and `_` stands in double quotes.
fn grant(item: &str) -> Option<Grant> {
    let (grantee, rest) = name(item)?;
    let rest = rest.strip_prefix('=')?;
    let (letters, grantor) = rest.split_once('/')?;
    let (grantor, "") = name(grantor)? else { return None };
    let mut privileges: Vec<(char, bool)> = Vec::new();
    for letter in letters.chars() {
        if letter == '*' { privileges.last_mut()?.1 = true } else { privileges.push((letter, false)) }
    }
    Some(Grant { grantee, privileges, grantor })
}

fn name(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find(['=', '/']).unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end)?;
        return Some((name.to_owned(), rest));
    };
    let mut name = String::new();
    loop {
        let (part, behind) = rest.split_once('"')?;
        name.push_str(part);
        match behind.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, behind)),
        }
    }
}

fn unreadable(acl: &str) -> Error {
    Error::failed("damaged", format!("privileges that cannot be read: {acl}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_and_passed_on_privileges_are_understood() {
        let acl = r#"{alice=rw/alice,=r/alice,"\"it's \"\"odd\"\", {x}\"=r*w/alice",bob=r/"\"it's \"\"odd\"\", {x}\""}"#;
        let odd = "\"it's \"\"odd\"\", {x}\"";
        assert_eq!(
            statements("LARGE OBJECT 5", "alice", acl).unwrap(),
            format!(
                "REVOKE ALL ON LARGE OBJECT 5 FROM \"alice\";\n\
                 GRANT SELECT ON LARGE OBJECT 5 TO \"alice\";\nGRANT UPDATE ON LARGE OBJECT 5 TO \"alice\";\n\
                 GRANT SELECT ON LARGE OBJECT 5 TO PUBLIC;\n\
                 GRANT SELECT ON LARGE OBJECT 5 TO {odd} WITH GRANT OPTION;\nGRANT UPDATE ON LARGE OBJECT 5 TO {odd};\n\
                 SET SESSION AUTHORIZATION {odd};\nGRANT SELECT ON LARGE OBJECT 5 TO \"bob\";\nRESET SESSION AUTHORIZATION;\n"
            )
        );
        assert_eq!(
            statements("LARGE OBJECT 5", "a", "{}").unwrap(),
            "REVOKE ALL ON LARGE OBJECT 5 FROM \"a\";\n"
        );
        assert!(statements("LARGE OBJECT 5", "a", "nothing").is_err());
        assert!(statements("LARGE OBJECT 5", "a", "{a=x/a}").is_err());
    }
}
