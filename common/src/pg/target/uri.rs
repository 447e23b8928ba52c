//! Connection URIs: `postgresql://user:password@host:port,host:port/dbname?key=value`.
//!
//! Grammar: <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS>.
//! No error quotes the URI: it may hold the password.

use super::settings::Settings;
use crate::error::{Error, Result};

/// What follows `postgresql://` or `postgres://`, when `text` is a URI.
pub(super) fn without_scheme(text: &str) -> Option<&str> {
    text.strip_prefix("postgresql://").or_else(|| text.strip_prefix("postgres://"))
}

/// Reads what follows the scheme.
pub(super) fn parse(text: &str) -> Result<Settings> {
    let mut settings = Settings::default();
    let rest = match text.split_once('@') {
        Some((login, rest)) if !login.contains('/') => {
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            put(&mut settings, "user", user)?;
            put(&mut settings, "password", password)?;
            rest
        }
        _ => text,
    };
    let rest = hosts(&mut settings, rest)?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    put(&mut settings, "dbname", path.strip_prefix('/').unwrap_or(path))?;
    parameters(&mut settings, query)?;
    Ok(settings)
}

/// Takes `host:port,[address]:port,…` off the front; hosts without a port have an empty place in the list of ports.
fn hosts<'a>(settings: &mut Settings, text: &'a str) -> Result<&'a str> {
    let (mut names, mut ports, mut rest) = (Vec::new(), Vec::new(), text);
    loop {
        let name;
        if let Some(inside) = rest.strip_prefix('[') {
            let (address, after) = inside
                .split_once(']')
                .ok_or_else(|| Error::usage("an IPv6 address in the connection URI has no closing \"]\""))?;
            if address.is_empty() {
                return Err(Error::usage("an IPv6 address in the connection URI is empty"));
            }
            if !after.is_empty() && !after.starts_with([':', '/', '?', ',']) {
                return Err(Error::usage("something other than a port follows \"]\" in the connection URI"));
            }
            (name, rest) = (address, after);
        } else {
            (name, rest) = split_before(rest, &[':', '/', '?', ',']);
        }
        let mut port = "";
        if let Some(after) = rest.strip_prefix(':') {
            (port, rest) = split_before(after, &['/', '?', ',']);
        }
        names.push(name);
        ports.push(port);
        let Some(after) = rest.strip_prefix(',') else { break };
        rest = after;
    }
    put(settings, "host", &names.join(","))?;
    put(settings, "port", &ports.join(","))?;
    Ok(rest)
}

fn parameters(settings: &mut Settings, query: &str) -> Result<()> {
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(Error::usage(format!("the connection URI's parameter \"{pair}\" has no \"=\"")));
        };
        let key = decode("a parameter's name", key)?;
        if value.contains('=') {
            return Err(Error::usage(format!("the connection URI's parameter \"{key}\" has two \"=\""))
                .hint("write %3D for a \"=\" inside the value"));
        }
        let value = decode(&key, value)?;
        match (key.as_str(), value.as_str()) {
            ("ssl", "true") => settings.put("sslmode", "require"),
            _ => settings.set(&key, value)?,
        }
    }
    Ok(())
}

fn put(settings: &mut Settings, key: &'static str, encoded: &str) -> Result<()> {
    if !encoded.is_empty() {
        settings.put(key, decode(key, encoded)?);
    }
    Ok(())
}

fn split_before<'a>(text: &'a str, ends: &[char]) -> (&'a str, &'a str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

fn decode(what: &str, encoded: &str) -> Result<String> {
    let wrong = || {
        Error::usage(format!("{what} in the connection URI has a wrong percent-encoding"))
            .hint("write a percent sign itself as %25")
    };
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else { return Err(wrong()) };
        match u8::try_from(high * 16 + low) {
            Ok(byte) if byte != 0 => bytes.push(byte),
            _ => return Err(wrong()),
        }
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(uri: &str, expected: &[(&str, &str)]) {
        let settings = parse(without_scheme(uri).unwrap()).unwrap();
        for key in ["user", "password", "host", "port", "dbname", "sslmode", "hostaddr", "application_name"] {
            let wanted = expected.iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
            assert_eq!(settings.get(key), wanted, "{key} of {uri}");
        }
    }

    /// Cases of the table in `src/interfaces/libpq/t/001_uri.pl`, where libpq writes down what it understands.
    #[test]
    fn libpqs_own_examples_are_read_as_libpq_reads_them() {
        reads(
            "postgresql://uri-user:secret@host:12345/db",
            &[
                ("user", "uri-user"),
                ("password", "secret"),
                ("host", "host"),
                ("port", "12345"),
                ("dbname", "db"),
            ],
        );
        reads("postgresql://uri-user@host/", &[("user", "uri-user"), ("host", "host")]);
        reads("postgresql://uri-user@", &[("user", "uri-user")]);
        reads("postgresql://host:12345/", &[("host", "host"), ("port", "12345")]);
        reads("postgresql:///db", &[("dbname", "db")]);
        reads("postgresql://", &[]);
        reads("postgresql://?hostaddr=127.0.0.1", &[("hostaddr", "127.0.0.1")]);
        reads("postgresql://host?sslmode=disable", &[("host", "host"), ("sslmode", "disable")]);
        reads("postgres://%68ost/%64b", &[("host", "host"), ("dbname", "db")]);
        reads("postgresql://[2001:db8::1234]:5433/", &[("host", "2001:db8::1234"), ("port", "5433")]);
        reads("postgresql://[::1]/db?ssl=true", &[("host", "::1"), ("dbname", "db"), ("sslmode", "require")]);
        reads(
            "postgres://host?ssl=true&dbname=x",
            &[("host", "host"), ("sslmode", "require"), ("dbname", "x")],
        );
        reads("postgres://%2Fvar%2Flib/db", &[("host", "/var/lib"), ("dbname", "db")]);
        reads("postgres:///path?host=/run", &[("dbname", "path"), ("host", "/run")]);
    }

    #[test]
    fn several_hosts_keep_their_places_in_both_lists() {
        reads("postgresql://a,b:2,[::3]:4/x", &[("host", "a,b,::3"), ("port", ",2,4"), ("dbname", "x")]);
    }

    #[test]
    fn an_at_sign_in_a_query_is_no_login() {
        reads("postgresql:///db?application_name=a@b", &[("dbname", "db"), ("application_name", "a@b")]);
    }

    #[test]
    fn what_libpq_refuses_is_refused_without_quoting_the_password() {
        for uri in [
            "postgresql://u:s3cret@[::1",
            "postgresql://u:s3cret@[]",
            "postgresql://u:s3cret@[::1]z",
            "postgresql://u:s3cret@h?x",
            "postgresql://u:s3cret@h?dbname=a=b",
            "postgresql://u:s3cret@h?nokey=1",
            "postgresql://u:s3cret%zz@h",
            "postgresql://u:s3cret%00@h",
        ] {
            let error = parse(without_scheme(uri).unwrap()).err().unwrap();
            assert_eq!(error.class().exit_code(), 2, "{uri}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }
}
