//! The commands of psql's that pg_dump and `pg_dumpall` write. Nothing else of psql's is understood, and nothing run.

use crate::pg::text;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Go on in this database.
    Connect(String),
    /// From here on psql refuses commands, until it is given the key.
    Restrict(Vec<u8>),
    /// The key.
    Unrestrict(Vec<u8>),
    /// The script goes on in this encoding.
    Encoding(String),
}

/// What the line `text` asks for; `None` when that is nothing that a dump needs.
pub(super) fn read(text: &[u8]) -> Option<Asked> {
    let text = text.trim_ascii_end();
    let end = text.iter().position(u8::is_ascii_whitespace)?;
    let (command, argument) = text.split_at_checked(end)?;
    let argument = argument.trim_ascii_start();
    match command {
        b"\\restrict" => word(argument).map(|key| Asked::Restrict(key.to_owned())),
        b"\\unrestrict" => word(argument).map(|key| Asked::Unrestrict(key.to_owned())),
        b"\\encoding" => {
            let name =
                argument.strip_prefix(b"'").and_then(|name| name.strip_suffix(b"'")).unwrap_or(argument);
            word(name).map(|name| Asked::Encoding(text::decode(name)))
        }
        b"\\connect" | b"\\c" => database(argument).map(Asked::Connect),
        _ => None,
    }
}

/// A single argument that means itself to psql.
fn word(argument: &[u8]) -> Option<&[u8]> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte) || *byte >= 0x80;
    (!argument.is_empty() && argument != b"-" && argument.iter().all(plain)).then_some(argument)
}

/// A name, or `-reuse-previous=on "dbname='…'"`: what `appendPsqlMetaConnect` of pg_dump writes.
fn database(argument: &[u8]) -> Option<String> {
    if let Some(connection) = argument.strip_prefix(b"-reuse-previous=on ") {
        let connection = quoted(connection.trim_ascii_start())?;
        let value = connection.strip_prefix(b"dbname=")?;
        return match value.strip_prefix(b"'") {
            Some(value) => unescaped(value.strip_suffix(b"'")?),
            None => word(value).map(text::decode),
        };
    }
    match quoted(argument) {
        Some(name) if !name.is_empty() && !name.contains(&b'=') && !name.contains(&b':') => {
            Some(text::decode(&name))
        }
        Some(_) => None,
        None => word(argument).map(text::decode),
    }
}

/// The inside of `"…"`, when nothing follows it.
fn quoted(argument: &[u8]) -> Option<Vec<u8>> {
    let mut inside = Vec::new();
    let mut rest = argument.strip_prefix(b"\"")?;
    loop {
        let end = rest.iter().position(|byte| *byte == b'"')?;
        inside.extend_from_slice(rest.get(..end)?);
        rest = rest.get(end + 1..)?;
        match rest {
            [] => return Some(inside),
            [b'"', ..] => {
                inside.push(b'"');
                rest = rest.get(1..)?;
            }
            _ => return None,
        }
    }
}

/// A value of a connection string without its backslashes. A quote without one would end it.
fn unescaped(value: &[u8]) -> Option<String> {
    let mut plain = Vec::new();
    let mut bytes = value.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => plain.push(*bytes.next()?),
            b'\'' => return None,
            _ => plain.push(*byte),
        }
    }
    Some(text::decode(&plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pg_dump_writes_is_understood() {
        let connect = |line: &str, name: &str| {
            assert_eq!(read(line.as_bytes()), Some(Asked::Connect(name.into())), "{line}");
        };
        connect("\\connect shop\r", "shop");
        connect("\\c \"My Shop\"", "My Shop");
        connect("\\connect -reuse-previous=on \"dbname='my shop'\"", "my shop");
        connect("\\connect -reuse-previous=on \"dbname='it\\'s \"\"\\\\'\"", "it's \"\\");
        assert_eq!(read(b"\\restrict aB3"), Some(Asked::Restrict(b"aB3".into())));
        assert_eq!(read(b"\\encoding 'LATIN1'"), Some(Asked::Encoding("LATIN1".into())));
    }

    #[test]
    fn what_psql_would_run_or_lead_elsewhere_is_not() {
        for line in [
            "\\! touch x",
            "\\connect shop \\! touch x",
            "\\connect `touch x`",
            "\\connect :name",
            "\\connect - alice",
            "\\connect shop alice elsewhere",
            "\\connect \"host=elsewhere dbname=shop\"",
            "\\connect \"postgres://elsewhere/\"",
            "\\connect -reuse-previous=on \"dbname='shop' host='elsewhere'\"",
            "\\connect -reuse-previous=on \"dbname='shop'\" \\! touch x",
            "\\connect host=elsewhere",
            "\\restrict a \\! touch x",
            "\\encoding",
            "\\i file",
            "\\o |sh",
            "\\copy t from program 'touch x'",
            "\\gexec",
            "\\set x `touch x`",
            "\\.",
        ] {
            assert_eq!(read(line.as_bytes()), None, "{line}");
        }
    }
}
