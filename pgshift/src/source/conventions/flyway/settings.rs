//! What of Flyway's configuration bears on how files are read: `flyway.conf` or `flyway.toml`, and the sidecar of a file.
//!
//! A setting by which files would be read otherwise, and which isn't understood here, is an error: nothing is guessed.

use crate::source::directory::{Directory, File};
use common::error::{Error, Result};
use common::name::ident;
use std::collections::BTreeMap;

/// For a whole directory.
#[derive(Debug)]
pub(super) struct Settings {
    /// Whether placeholders are replaced.
    pub(super) replacement: bool,
    /// What a placeholder begins with.
    pub(super) prefix: String,
    /// What it ends with.
    pub(super) suffix: String,
    /// What is made before each script.
    pub(super) before: Vec<(String, String)>,
    /// Values that the configuration has.
    pub(super) placeholders: BTreeMap<String, String>,
}

/// For one file.
#[derive(Debug, Default)]
pub(super) struct Sidecar {
    pub(super) transaction: Option<bool>,
    pub(super) replacement: Option<bool>,
}

/// Settings that have one value that is understood.
const FIXED: [(&str, &str); 7] = [
    ("sqlMigrationPrefix", "V"),
    ("undoSqlMigrationPrefix", "U"),
    ("repeatableSqlMigrationPrefix", "R"),
    ("baselineMigrationPrefix", "B"),
    ("sqlMigrationSeparator", "__"),
    ("sqlMigrationSuffixes", ".sql"),
    ("encoding", "UTF-8"),
];

impl Settings {
    /// Reads the first of the files `names`, in the directory or beside it.
    pub(super) fn of(directory: &Directory, names: &[&str]) -> Result<Self> {
        let places = [Some(directory.path.clone()), directory.parent()];
        let mut paths =
            places.into_iter().flatten().flat_map(|place| names.iter().map(move |name| place.join(name)));
        let pairs = match paths.find(|path| path.is_file()) {
            Some(path) => {
                let pairs = pairs(&String::from_utf8_lossy(File::at(path.clone()).text()?));
                for (name, understood) in FIXED {
                    let value = pairs.get(&format!("flyway.{name}"));
                    if let Some(value) = value.filter(|value| !value.eq_ignore_ascii_case(understood)) {
                        let message =
                            format!("{}: {name} is {value}: only {understood} can be read", path.display());
                        return Err(Error::usage(message).code_is("setting_unknown"));
                    }
                }
                if let Some(sql) = pairs.get("flyway.initSql").filter(|sql| !sql.is_empty()) {
                    let message = format!("{}: initSql is {sql}, which is not run", path.display());
                    return Err(Error::usage(message).code_is("setting_unknown"));
                }
                pairs
            }
            None => BTreeMap::new(),
        };
        let text = |name: &str, else_: &str| {
            pairs.get(&format!("flyway.{name}")).map_or(else_, String::as_str).to_owned()
        };
        let values = pairs.iter().filter_map(|(key, value)| {
            Some((key.strip_prefix("flyway.placeholders.")?.to_owned(), value.clone()))
        });
        Ok(Self {
            replacement: text("placeholderReplacement", "true") != "false",
            prefix: text("placeholderPrefix", "${"),
            suffix: text("placeholderSuffix", "}"),
            before: search_path(&pairs).into_iter().collect(),
            placeholders: values.collect(),
        })
    }
}

/// Flyway puts its default schema, or the first of its schemas, in front of the search path.
fn search_path(pairs: &BTreeMap<String, String>) -> Option<(String, String)> {
    let named = pairs.get("flyway.defaultSchema").or_else(|| pairs.get("flyway.schemas"))?;
    let first = named.split(',').next().unwrap_or_default().trim().trim_matches('"');
    let path = format!("{}, \"$user\", public", ident(first));
    (!first.is_empty()).then(|| ("search_path".to_owned(), path))
}

impl Sidecar {
    pub(super) fn read(file: &File) -> Result<Self> {
        let mut sidecar = Self::default();
        for (key, value) in pairs(&String::from_utf8_lossy(file.text()?)) {
            let wrong = || {
                let message = format!("{}: {key}={value} is not understood", file.path.display());
                Error::usage(message).code_is("setting_unknown")
            };
            let truth = || match value.as_str() {
                "true" => Ok(Some(true)),
                "false" => Ok(Some(false)),
                _ => Err(wrong()),
            };
            match key.as_str() {
                "executeInTransaction" => sidecar.transaction = truth()?,
                "placeholderReplacement" => sidecar.replacement = truth()?,
                "encoding" if value.eq_ignore_ascii_case("UTF-8") => {}
                "shouldExecute" if value == "true" => {}
                _ => return Err(wrong()),
            }
        }
        Ok(sidecar)
    }
}

/// Keys and values of lines `key=value`; a line `[section]` stands in front of the keys after it, as in TOML.
fn pairs(text: &str) -> BTreeMap<String, String> {
    let mut section = String::new();
    let mut pairs = BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = format!("{}.", name.trim());
        } else if let Some((key, value)) = line.split_once('=') {
            let bare = value.trim().trim_start_matches('[').trim_end_matches(']').trim();
            let value = if section.is_empty() { value.trim() } else { bare.trim_matches(['"', '\'']) };
            pairs.insert(format!("{section}{}", key.trim().trim_matches('"')), value.to_owned());
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_configuration_give_the_same() {
        let conf = pairs("# c\nflyway.placeholders.user = app\nflyway.sqlMigrationSuffixes=.sql\n");
        let toml =
            pairs("[flyway]\nsqlMigrationSuffixes = [\".sql\"]\n[flyway.placeholders]\nuser = \"app\"\n");
        assert_eq!(conf, toml);
    }
}
