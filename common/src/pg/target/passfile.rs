//! The password file, `~/.pgpass`: <https://www.postgresql.org/docs/current/libpq-pgpass.html>.
//!
//! Holds passwords: it has no `Debug`.

use super::Host;
use super::settings::Settings;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The entries of one password file.
#[derive(Default)]
pub(super) struct PasswordFile {
    path: PathBuf,
    entries: Vec<Entry>,
}

struct Entry {
    /// Host, port, database, user; `None` is `*`.
    matches: [Option<String>; 4],
    password: String,
}

impl PasswordFile {
    /// Reads the file that `settings` or the home directory name. A file that is not there has no entries; one that
    /// others may read is not used, and a warning says so.
    pub(super) fn open(settings: &Settings, home: Option<&Path>, warnings: &mut Vec<String>) -> Self {
        let named = settings.filled("passfile").map(PathBuf::from);
        let Some(path) = named.or_else(|| home.map(|home| home.join(".pgpass"))) else {
            return Self::default();
        };
        let Ok(metadata) = fs::metadata(&path) else { return Self::default() };
        let shown = path.display();
        if !metadata.is_file() {
            warnings.push(format!("the password file {shown} is not a plain file and was not used"));
            return Self::default();
        }
        if metadata.permissions().mode() & 0o077 != 0 {
            warnings.push(format!(
                "the password file {shown} was not used: others have access to it (hint: chmod 0600 {shown})"
            ));
            return Self::default();
        }
        match fs::read(&path) {
            Ok(bytes) => {
                let entries = String::from_utf8_lossy(&bytes).lines().filter_map(entry).collect();
                Self { path, entries }
            }
            Err(error) => {
                warnings.push(format!("the password file {shown} was not used: {error}"));
                Self::default()
            }
        }
    }

    /// The file's path, when it has entries.
    pub(super) fn path(&self) -> Option<&Path> {
        (!self.entries.is_empty()).then_some(self.path.as_path())
    }

    /// The password of the first entry that fits.
    pub(super) fn find(&self, host: &Host, database: &str, user: &str) -> Option<&str> {
        let port = host.port.to_string();
        let names = host.password_keys();
        let fits = |entry: &&Entry| {
            let [on, at, of, by] = &entry.matches;
            let same =
                |wanted: &Option<String>, text: &str| wanted.as_deref().is_none_or(|wanted| wanted == text);
            names.iter().any(|name| same(on, name)) && same(at, &port) && same(of, database) && same(by, user)
        };
        self.entries.iter().find(fits).map(|entry| entry.password.as_str())
    }
}

fn entry(line: &str) -> Option<Entry> {
    if line.starts_with('#') {
        return None;
    }
    let mut rest = line;
    let mut field = || {
        let (text, after, complete) = field(rest);
        let any = rest.starts_with("*:");
        rest = after;
        complete.then_some(if any { None } else { Some(text) })
    };
    let matches = [field()?, field()?, field()?, field()?];
    let (password, ..) = self::field(rest);
    Some(Entry { matches, password })
}

/// The text up to the next bare colon without its backslashes, what follows, and whether there was a colon.
fn field(text: &str) -> (String, &str, bool) {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            ':' => return (value, text.get(at + 1..).unwrap_or_default(), true),
            '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
            _ => value.push(letter),
        }
    }
    (value, "", false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(content: &str, name: &str, database: &str, user: &str) -> Option<String> {
        let entries = content.lines().filter_map(entry).collect();
        let file = PasswordFile { path: PathBuf::new(), entries };
        let host = Host { name: name.to_owned(), address: None, port: 5432 };
        file.find(&host, database, user).map(str::to_owned)
    }

    #[test]
    fn the_first_entry_that_fits_counts() {
        let content = "#db:5432:a:u:no\ndb:5433:*:*:port\ndb:*:a:u:first\n*:*:*:*:last\n";
        assert_eq!(find(content, "db", "a", "u").as_deref(), Some("first"));
        assert_eq!(find(content, "db", "b", "u").as_deref(), Some("last"));
        assert_eq!(find("db:*:a:u:first", "db", "b", "u"), None);
    }

    #[test]
    fn colons_and_backslashes_are_escaped_by_backslashes() {
        assert_eq!(find(r"\:\:1:*:a\\b:*:p\:a\\s\s", "::1", r"a\b", "u").as_deref(), Some(r"p:a\ss"));
        assert_eq!(find(r"\*:*:*:*:star", "db", "a", "u"), None);
    }

    #[test]
    fn a_line_with_too_few_fields_is_none() {
        assert_eq!(find("db:5432:a:u", "db", "a", "u"), None);
    }

    #[test]
    fn a_socket_in_the_default_directory_is_localhost() {
        assert_eq!(find("localhost:*:*:*:p", "/var/run/postgresql", "a", "u").as_deref(), Some("p"));
        assert_eq!(find("localhost:*:*:*:p", "/srv/sockets", "a", "u"), None);
        assert_eq!(find("/srv/sockets:*:*:*:p", "/srv/sockets", "a", "u").as_deref(), Some("p"));
    }
}
