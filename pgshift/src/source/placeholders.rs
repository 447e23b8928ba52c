//! Values for the placeholders in scripts: from flags, else from the environment.
//!
//! What comes from the environment may be a secret, so where it went into a text is kept.

use common::error::{Error, Result};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

/// What a variable that holds a value is called, before the placeholder's name.
const VARIABLE: &str = "PGSHIFT_PLACEHOLDER_";

/// Where values come from.
pub(crate) struct Placeholders {
    flags: BTreeMap<String, String>,
    environment: fn(&str) -> Option<String>,
    untouched: bool,
}

/// A value, and whether it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    /// The value.
    pub(crate) text: String,
    /// It came from the environment.
    pub(crate) secret: bool,
}

impl Placeholders {
    /// Values as `NAME=VALUE`, and those in the environment.
    pub(crate) fn new(flags: &[String], environment: fn(&str) -> Option<String>) -> Result<Self> {
        let pairs = flags.iter().map(|flag| match flag.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
            _ => Err(Error::usage(format!("--placeholder {flag} is not NAME=VALUE"))),
        });
        Ok(Self { flags: pairs.collect::<Result<_>>()?, environment, untouched: false })
    }

    /// Replaces nothing: for those who look at names only.
    pub(crate) fn untouched() -> Self {
        Self { flags: BTreeMap::new(), environment: |_| None, untouched: true }
    }

    /// Whether nothing is to be replaced.
    pub(crate) fn leaves_all(&self) -> bool {
        self.untouched
    }

    /// The value of `name`: by flag, else by `PGSHIFT_PLACEHOLDER_name`. What no variable can be called by becomes `_`.
    pub(crate) fn value(&self, name: &str) -> Option<Value> {
        if let Some(text) = self.flags.get(name) {
            return Some(Value { text: text.clone(), secret: false });
        }
        let text = (self.environment)(&variable(name))?;
        Some(Value { text, secret: true })
    }

    /// The value of a variable of the environment, for conventions that read those by themselves.
    pub(crate) fn variable(&self, name: &str) -> Option<Value> {
        self.value(name).or_else(|| Some(Value { text: (self.environment)(name)?, secret: true }))
    }
}

/// The variable that holds the value of `name`.
pub(crate) fn variable(name: &str) -> String {
    let usable = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' });
    usable.fold(VARIABLE.to_owned(), |mut variable, letter| {
        variable.push(letter);
        variable
    })
}

/// There is no value for what stands at `line`.
pub(crate) fn missing(path: &Path, line: u64, shown: &str, name: &str) -> Error {
    let message = format!("there is no value for placeholder {shown} in {}, line {line}", path.display());
    Error::usage(message)
        .code_is("placeholder_missing")
        .hint(format!("--placeholder {name}=VALUE, or {} in the environment", variable(name)))
}

/// A text in the making, of which parts were replaced.
#[derive(Default)]
pub(crate) struct Replaced {
    /// The text so far.
    pub(crate) text: Vec<u8>,
    /// What of it may be a secret.
    pub(crate) secret: Vec<Range<usize>>,
    /// Whether any value went in.
    pub(crate) any: bool,
}

impl Replaced {
    /// Adds text as it is.
    pub(crate) fn keep(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
    }

    /// Adds a value.
    pub(crate) fn put(&mut self, value: &Value) {
        let start = self.text.len();
        self.keep(value.text.as_bytes());
        self.any = true;
        if value.secret {
            self.secret.push(start..self.text.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> Option<String> {
        (name == "PGSHIFT_PLACEHOLDER_flyway_user").then(|| "hidden".to_owned())
    }

    #[test]
    fn a_flag_wins_over_the_environment_whose_values_are_secret() {
        let values = Placeholders::new(&["a=b=c".to_owned()], environment).unwrap();
        assert_eq!(values.value("a"), Some(Value { text: "b=c".into(), secret: false }));
        assert_eq!(values.value("flyway:user"), Some(Value { text: "hidden".into(), secret: true }));
        assert_eq!(values.value("none"), None);
    }

    #[test]
    fn a_flag_without_a_name_is_refused() {
        assert!(Placeholders::new(&["=x".to_owned()], environment).is_err());
        assert!(Placeholders::new(&["x".to_owned()], environment).is_err());
    }
}
