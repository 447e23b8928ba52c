//! Connection strings of the `key=value` kind, and which kind a string is.
//!
//! Grammar: <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE>.

use super::settings::Settings;
use super::uri;
use crate::error::{Error, Result};
use std::iter::Peekable;
use std::str::Chars;

/// Whether `text` is a connection string and not merely a database's name.
pub(super) fn is_connection_string(text: &str) -> bool {
    uri::without_scheme(text).is_some() || text.contains('=')
}

/// A value as it stands behind `key=`.
pub fn in_quotes(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Reads a connection string of either kind.
pub(super) fn parse(text: &str) -> Result<Settings> {
    match uri::without_scheme(text) {
        Some(rest) => uri::parse(rest),
        None => parse_pairs(text),
    }
}

fn parse_pairs(text: &str) -> Result<Settings> {
    let mut settings = Settings::default();
    let mut rest = text.chars().peekable();
    let mut before = None;
    loop {
        skip_spaces(&mut rest);
        if rest.peek().is_none() {
            return Ok(settings);
        }
        let mut key = String::new();
        while let Some(next) = rest.next_if(|&next| next != '=' && !is_space(next)) {
            key.push(next);
        }
        skip_spaces(&mut rest);
        if rest.next_if_eq(&'=').is_none() {
            return Err(no_sign(&key, before.as_deref()));
        }
        skip_spaces(&mut rest);
        let value = if rest.next_if_eq(&'\'').is_some() { quoted(&mut rest)? } else { bare(&mut rest) };
        settings.set(&key, value)?;
        before = Some(key);
    }
}

/// A word behind a value is not shown: it may be the second half of a password.
fn no_sign(key: &str, before: Option<&str>) -> Error {
    let message = match before {
        None => format!("there is no \"=\" after \"{key}\" in the connection string"),
        Some(before) => {
            format!(
                "there is no \"=\" after the word behind the value of \"{before}\" in the connection string"
            )
        }
    };
    Error::usage(message).hint("put a value with spaces in single quotes")
}

fn bare(rest: &mut Peekable<Chars<'_>>) -> String {
    let mut value = String::new();
    while let Some(next) = rest.next_if(|&next| !is_space(next)) {
        match next {
            '\\' => value.extend(rest.next()),
            _ => value.push(next),
        }
    }
    value
}

fn quoted(rest: &mut Peekable<Chars<'_>>) -> Result<String> {
    let mut value = String::new();
    while let Some(next) = rest.next() {
        match next {
            '\'' => return Ok(value),
            '\\' => value.extend(rest.next()),
            _ => value.push(next),
        }
    }
    Err(Error::usage("a quoted value in the connection string has no closing quote"))
}

fn skip_spaces(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|&next| is_space(next)).is_some() {}
}

/// C's `isspace`.
fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, key: &str) -> Option<String> {
        parse(text).unwrap().get(key).map(str::to_owned)
    }

    #[test]
    fn quotes_escapes_and_spaces_around_the_sign_are_understood() {
        let text = r"host = db  dbname='my \'base\\' password=a\ b\'c user=''  port=1";
        for (key, expected) in
            [("host", "db"), ("dbname", r"my 'base\"), ("password", "a b'c"), ("user", ""), ("port", "1")]
        {
            assert_eq!(value(text, key).as_deref(), Some(expected), "{key}");
        }
    }

    #[test]
    fn the_last_of_two_values_counts() {
        assert_eq!(value("port=1 port=2", "port").as_deref(), Some("2"));
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = parse("hots=db").err().unwrap();
        assert_eq!(error.class().exit_code(), 2);
        assert!(error.to_string().contains("\"hots\""), "{error}");
    }

    #[test]
    fn a_missing_sign_or_quote_is_an_error() {
        assert!(parse("host db=1").err().unwrap().to_string().contains("\"host\""));
        assert!(parse("host='db").is_err());
        let error = parse("password=my secret").err().unwrap().to_string();
        assert!(error.contains("\"password\"") && !error.contains("secret"), "{error}");
    }

    #[test]
    fn the_old_spelling_of_sslmode_is_understood() {
        assert_eq!(value("requiressl=1", "sslmode").as_deref(), Some("require"));
        assert_eq!(value("requiressl=0", "sslmode").as_deref(), Some("prefer"));
    }
}
