//! `:NAME` replaced as graphile-migrate does: the names that `.gmrc` has, and two of the database's own.

use crate::source::directory::File;
use crate::source::placeholders::{Placeholders, Replaced, Value, missing};
use crate::source::{Script, text};
use common::error::{Error, Result};
use common::records::Warning;
use std::collections::BTreeMap;

/// Known without a configuration; a source knows no database, so somebody has to say them.
const OWN: [&str; 2] = ["DATABASE_NAME", "DATABASE_OWNER"];

/// What is in place of a value that the environment has.
const FROM_ENVIRONMENT: &str = "!ENV";

/// What `.gmrc` has: JSON with comments, of which only a few words matter.
pub(super) struct Values {
    known: BTreeMap<String, String>,
    /// Settings that are made before each migration.
    pub(super) settings: Vec<(String, String)>,
    actions: Option<Warning>,
}

impl Values {
    pub(super) fn of(configuration: Option<&File>) -> Result<Self> {
        let Some(file) = configuration else {
            return Ok(Self { known: BTreeMap::new(), settings: Vec::new(), actions: None });
        };
        let text = String::from_utf8_lossy(file.text()?).into_owned();
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let mut values = BTreeMap::new();
        let mut actions = None;
        let (mut settings, mut inside) = (Vec::new(), false);
        for line in &lines {
            inside &= !line.trim_start().starts_with('}');
            let Some((key, value)) = line.trim().strip_prefix('"').and_then(|rest| rest.split_once('"'))
            else {
                continue;
            };
            let value = value.trim_start_matches([':', ' ']).trim_end_matches([',', ' ']);
            if key == "pgSettings" {
                if value != "{" && value != "{}" {
                    let message = format!("pgSettings in {} is not understood", file.path.display());
                    return Err(Error::usage(message)
                        .code_is("setting_unknown")
                        .hint("give each setting a line"));
                }
                inside = value == "{";
            } else if inside {
                settings.push((key.to_owned(), value.trim_matches('"').to_owned()));
            } else if let Some(name) = key.strip_prefix(':') {
                values.insert(name.to_owned(), value.trim_matches('"').to_owned());
            } else if matches!(key, "beforeAllMigrations" | "afterAllMigrations") && value != "[]" {
                let message = format!("{} has actions for {key}, which are not run", file.path.display());
                actions = Some(Warning::new("not_run", message).object(&file.path.display()));
            }
        }
        Ok(Self { known: values, settings, actions })
    }

    /// Warns of actions for events.
    pub(super) fn actions(&self) -> Option<Warning> {
        self.actions.clone()
    }

    pub(super) fn replace(&self, file: &File, script: Script, given: &Placeholders) -> Result<Script> {
        if given.leaves_all() {
            return Ok(script);
        }
        let mut replaced = Replaced::default();
        let mut rest = script.text.as_slice();
        while let Some(start) = rest.iter().position(|byte| *byte == b':') {
            let (before, from) = rest.split_at(start);
            replaced.keep(before);
            let after = from.get(1..).unwrap_or_default();
            let length =
                after.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
            let (name, behind) = after.split_at(length);
            let name = String::from_utf8_lossy(name).into_owned();
            if self.known.contains_key(&name) || OWN.contains(&name.as_str()) {
                let Some(value) = self.value(&name, given) else {
                    let read = script.text.get(..script.text.len() - from.len()).unwrap_or_default();
                    let line = script.first_line + text::breaks(read);
                    return Err(missing(&file.path, line, &format!(":{name}"), &name));
                };
                replaced.put(&value);
            } else {
                replaced.keep(b":");
                replaced.keep(name.as_bytes());
            }
            rest = behind;
        }
        replaced.keep(rest);
        Ok(script.with_values(replaced))
    }

    fn value(&self, name: &str, given: &Placeholders) -> Option<Value> {
        given.value(name).or_else(|| match self.known.get(name)?.as_str() {
            FROM_ENVIRONMENT => given.variable(name),
            value => Some(Value { text: value.to_owned(), secret: false }),
        })
    }
}
