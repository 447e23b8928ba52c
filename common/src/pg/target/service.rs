//! Service files: named sets of parameters, <https://www.postgresql.org/docs/current/libpq-pgservice.html>.

use super::settings::{PARAMETERS, Settings};
use crate::error::{Context, Error, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Where distributions build libpq to look for the system's `pg_service.conf`.
const SYSTEM_DIRECTORIES: [&str; 3] =
    ["/etc/postgresql-common", "/etc/sysconfig/pgsql", "/usr/local/pgsql/etc"];

/// The parameters of the service `name`: from the user's file, else from the system's.
pub(super) fn find(
    name: &str,
    env: &dyn Fn(&str) -> Option<String>,
    home: Option<&Path>,
) -> Result<Settings> {
    let mut files = Vec::new();
    match env("PGSERVICEFILE") {
        Some(named) => {
            let file = PathBuf::from(named);
            if !file.exists() {
                let message = format!("the service file {} (PGSERVICEFILE) is not there", file.display());
                return Err(Error::usage(message));
            }
            files.push(file);
        }
        None => files.extend(home.map(|home| home.join(".pg_service.conf"))),
    }
    match env("PGSYSCONFDIR") {
        Some(directory) => files.push(Path::new(&directory).join("pg_service.conf")),
        None => {
            files.extend(SYSTEM_DIRECTORIES.map(|directory| Path::new(directory).join("pg_service.conf")));
        }
    }
    for file in files.iter().filter(|file| file.exists()) {
        let bytes = fs::read(file).context(|| format!("cannot read the service file {}", file.display()))?;
        if let Some(settings) = section(&String::from_utf8_lossy(&bytes), name, file)? {
            return Ok(settings);
        }
    }
    let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
    Err(Error::usage(format!("there is no service \"{name}\""))
        .cause(format!("looked in {}", files.join(", "))))
}

fn section(text: &str, name: &str, file: &Path) -> Result<Option<Settings>> {
    let mut found: Option<Settings> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            if found.is_some() {
                return Ok(found);
            }
            let ours = header.strip_prefix(name).is_some_and(|rest| rest.starts_with(']'));
            found = ours.then(Settings::default);
        } else if let Some(settings) = &mut found {
            let wrong = |why: &str| {
                Error::usage(format!("the service file {}, line {}: {why}", file.display(), index + 1))
            };
            let (key, value) = line.split_once('=').ok_or_else(|| wrong("there is no \"=\""))?;
            if key == "service" {
                return Err(wrong("a service cannot name another service"));
            }
            if key.starts_with("ldap") {
                return Err(wrong("looking a service up by LDAP is not supported"));
            }
            let known = PARAMETERS.iter().find(|parameter| parameter.key == key);
            let known = known.ok_or_else(|| wrong(&format!("there is no connection parameter \"{key}\"")))?;
            // The first of two lines counts, unlike in a connection string.
            if settings.get(key).is_none() {
                settings.put(known.key, value);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "# ours\n[shopping]\nhost=no\n\n[shop]\nhost=db1\nport=5433\nhost=db2\noptions=-c x=y\n[next]\nbad\n";

    #[test]
    fn one_section_is_read_and_its_first_line_counts() {
        let settings = section(FILE, "shop", Path::new("f")).unwrap().unwrap();
        assert_eq!((settings.get("host"), settings.get("port")), (Some("db1"), Some("5433")));
        assert_eq!(settings.get("options"), Some("-c x=y"));
        assert!(section(FILE, "shoe", Path::new("f")).unwrap().is_none());
    }

    #[test]
    fn a_wrong_line_is_named_with_its_file() {
        for (text, wanted) in [
            (FILE, "line 11"),
            ("[next]\nhots=x", "\"hots\""),
            ("[next]\nservice=x", "another service"),
            ("[next]\nhost = x", "\"host \""),
        ] {
            let error = section(text, "next", Path::new("/s.conf")).err().unwrap().to_string();
            assert!(error.contains(wanted) && error.contains("/s.conf"), "{error}");
        }
    }
}
