//! A profile of `~/.aws/config` and `~/.aws/credentials`, as AWS describes these files
//! (<https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>).
//!
//! Keys, region, endpoint and addressing are read. What would have to ask another service or program for keys is
//! recognised and refused, never passed over.

use super::settings::Settings;
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// What a profile says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Profile {
    /// Its name.
    pub(super) name: String,
    values: BTreeMap<String, String>,
}

type Sections = BTreeMap<String, BTreeMap<String, String>>;

impl Profile {
    /// The profile that the environment names, or the default one.
    pub(super) fn load(settings: &Settings) -> Result<Self> {
        let named = settings.first(&["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]);
        let name = named.clone().unwrap_or_else(|| "default".to_owned());
        let config = sections_of(settings.file("AWS_CONFIG_FILE", ".aws/config"))?;
        let credentials = sections_of(settings.file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"))?;
        let configured = if name == "default" { config.get("default") } else { None };
        let configured = configured.or_else(|| config.get(&format!("profile {name}")));
        let known = credentials.get(&name);
        if named.is_some() && configured.is_none() && known.is_none() {
            return Err(Error::usage(format!("there is no AWS profile {name:?}"))
                .hint("AWS_PROFILE names one; they are in ~/.aws/config and ~/.aws/credentials"));
        }
        let mut values = configured.cloned().unwrap_or_default();
        let services =
            values.get("services").and_then(|services| config.get(&format!("services {services}")));
        for (key, value) in services.into_iter().flatten() {
            values.entry(format!("services.{key}")).or_insert_with(|| value.clone());
        }
        values.extend(known.cloned().unwrap_or_default());
        Ok(Self { name, values })
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The endpoint for S3 that it names.
    pub(super) fn endpoint(&self) -> Option<&str> {
        self.get("services.s3.endpoint_url").or_else(|| self.get("endpoint_url"))
    }

    /// The access key and its secret.
    pub(super) fn keys(&self) -> Result<Option<(&str, &str)>> {
        match (self.get("aws_access_key_id"), self.get("aws_secret_access_key")) {
            (Some(key), Some(secret)) => return Ok(Some((key, secret))),
            (None, None) => {}
            _ => {
                return Err(Error::usage(format!(
                    "AWS profile {:?} has only one of aws_access_key_id and aws_secret_access_key",
                    self.name
                )));
            }
        }
        let asks = ["role_arn", "credential_process", "sso_session", "sso_start_url", "login_session"];
        let web_identity = self.get("web_identity_token_file").is_some();
        match asks.into_iter().find(|key| self.get(key).is_some()).filter(|_| !web_identity) {
            None => Ok(None),
            Some(key) => Err(Error::usage(format!(
                "AWS profile {:?} gets its keys by {key}, which is not supported",
                self.name
            ))
            .hint(format!(
                "let aws get them: eval \"$(aws configure export-credentials --profile {} --format env)\"",
                self.name
            ))),
        }
    }
}

fn sections_of((path, named): (std::path::PathBuf, bool)) -> Result<Sections> {
    match std::fs::read(&path) {
        Ok(bytes) => parse(&String::from_utf8_lossy(&bytes), &path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !named => Ok(Sections::new()),
        // As a directory on the way that is a file, or a home that is /dev/null.
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory && !named => Ok(Sections::new()),
        Err(error) => Err(Error::io(format!("cannot read {}", path.display()), &error)),
    }
}

/// Lines `[section]`, `key = value`, and indented ones that belong to the key before: `s3.endpoint_url`.
fn parse(text: &str, path: &Path) -> Result<Sections> {
    let mut sections = Sections::new();
    let (mut section, mut above) = (None, String::new());
    for (number, line) in text.lines().enumerate() {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with(['#', ';']) {
            continue;
        }
        if let Some(head) = bare.strip_prefix('[') {
            let name =
                head.split_once(']').map(|(name, _)| name.split_whitespace().collect::<Vec<_>>().join(" "));
            section = Some(name.ok_or_else(|| unreadable(path, number))?);
            above.clear();
            continue;
        }
        // A value may be secret, so that a line is never quoted.
        let (key, value) = bare.split_once('=').ok_or_else(|| unreadable(path, number))?;
        let Some(section) = &section else { return Err(unreadable(path, number)) };
        let (key, value) = (key.trim().to_ascii_lowercase(), uncommented(value));
        let nested = line.starts_with([' ', '\t']) && !above.is_empty();
        let name = if nested { format!("{above}.{key}") } else { key.clone() };
        if !nested {
            above = if value.is_empty() { key } else { String::new() };
        }
        sections.entry(section.clone()).or_default().insert(name, value.to_owned());
    }
    Ok(sections)
}

/// A comment behind a value begins with white space and `#` or `;`.
fn uncommented(value: &str) -> &str {
    let end = [" #", "\t#", " ;", "\t;"].iter().filter_map(|start| value.find(start)).min();
    value[..end.unwrap_or(value.len())].trim()
}

fn unreadable(path: &Path, number: usize) -> Error {
    Error::usage(format!("cannot understand line {} of {}", number + 1, path.display()))
        .cause("it is neither [section] nor key = value")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(name: &str, config: &str) -> Result<Profile> {
        let path = std::env::temp_dir().join(format!("profile-{}-{:p}", std::process::id(), config));
        std::fs::write(&path, config).unwrap();
        let file = path.display().to_string();
        let loaded = Profile::load(&Settings::of(&[("AWS_PROFILE", name), ("AWS_CONFIG_FILE", &file)]));
        std::fs::remove_file(path).unwrap();
        loaded
    }

    #[test]
    fn keys_region_and_endpoints_are_read_from_the_profile_that_is_named() {
        let text = "[default]\nregion = x\n[profile  a b]\naws_access_key_id=K # mine\naws_secret_access_key = a=b#c\n\
                    services = z\ns3 =\n  addressing_style = virtual\nregion = y\n[services z]\ns3 = \n  endpoint_url = https://h\n";
        let profile = profile("a b", text).unwrap();
        assert_eq!(profile.keys().unwrap(), Some(("K", "a=b#c")));
        assert_eq!((profile.get("region"), profile.endpoint()), (Some("y"), Some("https://h")));
        assert_eq!(profile.get("s3.addressing_style"), Some("virtual"));
    }

    #[test]
    fn what_would_have_to_ask_somebody_for_keys_is_refused_with_a_way_out() {
        for key in ["role_arn", "credential_process", "sso_session"] {
            let error = profile("p", &format!("[profile p]\n{key} = x\n")).unwrap().keys().unwrap_err();
            assert!(
                error.to_string().contains(key) && error.advice().unwrap().contains("export-credentials")
            );
        }
        assert!(profile("p", "[profile p]\naws_access_key_id = x\n").unwrap().keys().is_err());
        assert!(profile("q", "[profile p]\n").is_err());
    }

    #[test]
    fn a_line_that_is_not_understood_is_not_quoted() {
        let error = profile("p", "[profile p]\naws_secret_access_key: planted\n").unwrap_err();
        assert!(error.to_string().contains("line 2") && !error.to_string().contains("planted"), "{error}");
    }
}
