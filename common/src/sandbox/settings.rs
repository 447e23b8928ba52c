//! How a throwaway server is set: fast, quiet, alone, and leaving nothing outside its directory.

use crate::error::{Context, Error, Result};
use std::fmt::Write as _;
use std::path::Path;

/// The port that names the socket; nothing listens on TCP.
pub(super) const PORT: u16 = 5432;

/// What makes a cluster a sandbox, on every server from 12 to 18. Nothing here has to survive a crash.
const THROWAWAY: &[(&str, &str)] = &[
    ("autovacuum", "off"),
    ("bgwriter_lru_maxpages", "0"),
    ("checkpoint_timeout", "1h"),
    // Anonymous shared memory would stay in /dev/shm after a SIGKILL, and containers give it 64 MB.
    ("dynamic_shared_memory_type", "mmap"),
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("huge_pages", "off"),
    ("jit", "off"),
    ("lc_messages", "C"),
    ("log_checkpoints", "off"),
    // What is restored here is somebody's data: statements stay out of the log.
    ("log_min_error_statement", "panic"),
    ("log_timezone", "UTC"),
    ("maintenance_work_mem", "256MB"),
    // A restore in one transaction locks every table it makes.
    ("max_locks_per_transaction", "1024"),
    // With less, a restore of a few gigabytes waits for checkpoints that nobody needs: measured at a sixth of its time.
    ("max_wal_size", "4GB"),
    ("shared_buffers", "256MB"),
    ("synchronous_commit", "off"),
    ("timezone", "UTC"),
    ("wal_level", "minimal"),
];

/// The settings of a sandbox, those of its user in front of ours.
#[derive(Debug)]
pub(super) struct Settings {
    chosen: Vec<(String, String)>,
    fixed: Vec<(&'static str, String)>,
}

impl Settings {
    /// Names the cluster and its socket directory; `chosen` overrides what only makes it fast.
    pub(super) fn new(name: &str, sockets: &Path, chosen: &[(String, String)]) -> Result<Self> {
        let sockets = sockets
            .to_str()
            .ok_or_else(|| Error::usage("the directory of a private cluster is not UTF-8"))?;
        let fixed = vec![
            ("cluster_name", name.to_owned()),
            ("listen_addresses", String::new()),
            ("port", PORT.to_string()),
            ("unix_socket_directories", sockets.to_owned()),
            ("unix_socket_permissions", "0700".to_owned()),
        ];
        let mut settings = Self { chosen: Vec::new(), fixed };
        settings.choose(chosen)?;
        Ok(settings)
    }

    /// Sets more, or the same to something else.
    pub(super) fn choose(&mut self, more: &[(String, String)]) -> Result<()> {
        for (name, value) in more {
            if self.fixed.iter().any(|(fixed, _)| name.eq_ignore_ascii_case(fixed)) {
                return Err(Error::usage(format!(
                    "the setting {name} of a private cluster cannot be chosen"
                )));
            }
            let named = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_.".contains(letter));
            if name.is_empty() || !named || value.contains(['\n', '\r']) {
                return Err(Error::usage(format!("not a setting: {name:?}")));
            }
            self.chosen.retain(|(chosen, _)| !chosen.eq_ignore_ascii_case(name));
            self.chosen.push((name.clone(), value.clone()));
        }
        Ok(())
    }

    /// Writes them as a configuration file.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        std::fs::write(path, self.text()).context(|| format!("cannot write {}", path.display()))
    }

    fn text(&self) -> String {
        let mut text = String::from("# Written by pgrunbook for a private cluster; gone with it.\n");
        let chosen = self.chosen.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fixed = self.fixed.iter().map(|(name, value)| (*name, value.as_str()));
        // The server takes the last of several values.
        for (name, value) in THROWAWAY.iter().copied().chain(self.replication()).chain(chosen).chain(fixed) {
            let quoted = value.replace('\\', "\\\\").replace('\'', "''");
            // Writing to a String does not fail.
            let _ = writeln!(text, "{name} = '{quoted}'");
        }
        text
    }

    /// A server of `wal_level` minimal does not start while it would admit replicas.
    fn replication(&self) -> Option<(&'static str, &'static str)> {
        let level = self.chosen.iter().rfind(|(name, _)| name.eq_ignore_ascii_case("wal_level"));
        let minimal = level.is_none_or(|(_, level)| level.eq_ignore_ascii_case("minimal"));
        minimal.then_some(("max_wal_senders", "0"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(chosen: &[(&str, &str)]) -> Result<Settings> {
        let chosen: Vec<_> = chosen.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Settings::new("pgrunbook-1", Path::new("/tmp/it's"), &chosen)
    }

    #[test]
    fn what_is_chosen_comes_after_what_makes_it_fast() {
        let text = settings(&[("fsync", "on"), ("wal_level", "logical")]).unwrap().text();
        assert!(text.find("fsync = 'off'") < text.find("fsync = 'on'"), "{text}");
        assert!(!text.contains("max_wal_senders"), "replicas are admitted: {text}");
        assert!(text.contains("unix_socket_directories = '/tmp/it''s'"), "{text}");
    }

    #[test]
    fn nobody_opens_a_port_or_smuggles_in_a_line() {
        for setting in [("Listen_Addresses", "*"), ("a b", "1"), ("work_mem", "1\nport = 1"), ("", "")] {
            assert!(settings(&[setting]).is_err(), "{setting:?}");
        }
    }
}
