//! Which checks are made, and from which values on they warn: flags, then a TOML file, then what the catalogue says.

use super::{Bounds, Check, all};
use crate::cli::Selection;
use crate::records::State;
use common::error::{Class, Context, Error, Result};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What is to be checked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choice {
    pub(crate) checks: Vec<Check>,
    /// Those that were asked for by their own name: they say when they do not apply.
    pub(crate) named: BTreeSet<String>,
    rules: Vec<Rule>,
    /// Checks and groups that a file leaves out.
    skipped: BTreeSet<String>,
    /// The thresholds that somebody gave: of which check, and whether the critical one.
    given: BTreeSet<(String, bool)>,
}

/// What holds for some objects of a check.
#[derive(Clone, Debug)]
struct Rule {
    check: String,
    object: String,
    warn: Option<f64>,
    crit: Option<f64>,
    skip: bool,
}

/// A configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    skip: Vec<String>,
    #[serde(default)]
    check: BTreeMap<String, Section>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    warn: Option<toml::Value>,
    crit: Option<toml::Value>,
    severity: Option<State>,
    #[serde(default)]
    skip: bool,
    #[serde(default)]
    object: BTreeMap<String, Exception>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    warn: Option<toml::Value>,
    crit: Option<toml::Value>,
    #[serde(default)]
    skip: bool,
}

impl Choice {
    /// What the words, flags and the file say together; everything that is wrong with them is found here.
    pub(crate) fn resolve(selection: &Selection) -> Result<Self> {
        let tuning = &selection.tuning;
        let mut choice = Self { checks: all()?, ..Self::default() };
        for word in selection.checks.iter().filter(|word| *word != "-").chain(&tuning.skip) {
            choice.known(word)?;
        }
        if let Some(path) = &tuning.config {
            choice.read(path)?;
        }
        for (check, value) in &tuning.warn {
            choice.set(check, false, value)?;
        }
        for (check, value) in &tuning.crit {
            choice.set(check, true, value)?;
        }
        choice.checks.iter().try_for_each(|check| choice.in_order(check))?;
        let words: Vec<&String> = selection.checks.iter().filter(|word| *word != "-").collect();
        choice.checks.retain(|check| {
            let fits = |word: &String| *word == check.name || *word == check.group;
            let asked = words.is_empty() || words.iter().any(|word| fits(word));
            asked && !tuning.skip.iter().chain(&choice.skipped).any(fits)
        });
        choice.named = words.into_iter().filter(|word| word.contains('.')).cloned().collect();
        if choice.checks.is_empty() {
            return Err(Error::usage("no check is left to be made")
                .hint("look at what --skip, or `skip` in the --config file, leaves out"));
        }
        Ok(choice)
    }

    fn known(&self, word: &str) -> Result<()> {
        if self.checks.iter().any(|check| check.name == word || check.group == word) {
            return Ok(());
        }
        Err(Error::usage(format!("there is no check or group {word:?}"))
            .hint("`pgcheckpoint list` shows what there is"))
    }

    fn read(&mut self, path: &Path) -> Result<()> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .context(|| format!("cannot read {shown}"))
            .map_err(|error| error.class_is(Class::Usage))?;
        let file: File = toml::from_str(&text).map_err(|error| {
            Error::usage(format!("{shown} is no configuration")).cause(error.to_string().trim())
        })?;
        for word in &file.skip {
            self.known(word)?;
        }
        for (name, section) in file.check {
            let told = |error: Error| error.context(format!("in {shown}")).class_is(Class::Usage);
            self.apply(&name, section).map_err(told)?;
        }
        self.skipped.extend(file.skip);
        Ok(())
    }

    fn apply(&mut self, name: &str, section: Section) -> Result<()> {
        self.known(name)?;
        if let Some(warn) = &section.warn {
            self.set(name, false, &text(warn))?;
        }
        if let Some(crit) = &section.crit {
            self.set(name, true, &text(crit))?;
        }
        if let Some(severity) = section.severity {
            let check = self.find(name)?;
            if check.severity.is_none() {
                return Err(Error::usage(format!("{name} has thresholds, and no severity")));
            }
            check.severity = Some(severity);
        }
        for (object, exception) in section.object {
            let unit = self.find(name)?.unit;
            let value = |value: &Option<toml::Value>| match value {
                None => Ok(None),
                Some(value) => {
                    unit.parse(&text(value)).map(Some).ok_or_else(|| no_number(name, &text(value)))
                }
            };
            let (warn, crit) = (value(&exception.warn)?, value(&exception.crit)?);
            self.rules.push(Rule { check: name.to_owned(), object, warn, crit, skip: exception.skip });
        }
        if section.skip {
            self.skipped.insert(name.to_owned());
        }
        Ok(())
    }

    fn find(&mut self, name: &str) -> Result<&mut Check> {
        self.checks
            .iter_mut()
            .find(|check| check.name == name)
            .ok_or_else(|| Error::usage(format!("{name} is no single check")))
    }

    fn set(&mut self, name: &str, critical: bool, value: &str) -> Result<()> {
        self.known(name)?;
        let check = self.find(name)?;
        if check.severity.is_some() {
            return Err(Error::usage(format!("{name} has no thresholds: each of its findings counts"))
                .hint("in a --config file its `severity` can be changed"));
        }
        let value = check.unit.parse(value).ok_or_else(|| no_number(name, value))?;
        let bound = if critical { &mut check.bounds.crit } else { &mut check.bounds.warn };
        *bound = Some(value);
        self.given.insert((name.to_owned(), critical));
        Ok(())
    }

    /// Who gives both thresholds wants to be warned before it is critical.
    fn in_order(&self, check: &Check) -> Result<()> {
        let given =
            [false, true].iter().all(|critical| self.given.contains(&(check.name.clone(), *critical)));
        let Some((warn, crit)) = check.bounds.warn.zip(check.bounds.crit).filter(|_| given) else {
            return Ok(());
        };
        if check.bounds.badness(warn) <= check.bounds.badness(crit) {
            return Ok(());
        }
        let shown = |value| check.unit.threshold(value);
        Err(Error::usage(format!(
            "{} would be critical at {}, before it warns at {}",
            check.name,
            shown(crit),
            shown(warn)
        ))
        .hint("exchange them"))
    }

    /// The bounds of a check for one object; `None` when that object is left out.
    pub(crate) fn bounds(&self, check: &Check, object: Option<&str>) -> Option<Bounds> {
        let mut bounds = check.bounds;
        let Some(object) = object else { return Some(bounds) };
        let bare = object.replace('"', "");
        for rule in self.rules.iter().filter(|rule| rule.check == check.name) {
            if matches(&rule.object, object) || matches(&rule.object, &bare) {
                if rule.skip {
                    return None;
                }
                bounds.warn = rule.warn.or(bounds.warn);
                bounds.crit = rule.crit.or(bounds.crit);
            }
        }
        Some(bounds)
    }
}

fn no_number(check: &str, value: &str) -> Error {
    Error::usage(format!("{value:?} is no threshold of {check}"))
        .hint("a number, or with a unit: 80%, 10GB, 5min")
}

fn text(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        // Whatever it is, it is no threshold, and is told as such.
        other => format!("{other:?}"),
    }
}

/// Whether `text` is what `pattern` says; `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            ends.into_iter().any(|at| rest.get(at..).is_some_and(|rest| matches(after, rest)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(
            matches("public.*_seq", "public.orders_id_seq") && matches("*", "") && matches("a*b*c", "aXbYc")
        );
        assert!(!matches("public.*_seq", "public.orders_id") && !matches("a", "ab"));
    }
}
