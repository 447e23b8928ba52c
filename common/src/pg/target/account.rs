//! Who runs us, as the operating system says: the default of the user's name, and the home directory.

use crate::error::{Error, Result};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The name of the effective user, as libpq takes it: not from `USER`, which `sudo` and `su` leave stale.
pub(super) fn user_name() -> Result<String> {
    if let Some(name) = entry().and_then(|fields| fields.into_iter().next()) {
        return Ok(name);
    }
    // Users of a directory service are in no file; `id` asks the system's name services.
    let asked = Command::new("id").arg("-un").stdin(Stdio::null()).stderr(Stdio::null()).output();
    let name = asked.ok().filter(|output| output.status.success()).map(|output| output.stdout);
    let name = name.and_then(|bytes| String::from_utf8(bytes).ok()).map(|text| text.trim().to_owned());
    name.filter(|name| !name.is_empty()).ok_or_else(|| {
        let id = rustix::process::geteuid().as_raw();
        Error::usage(format!("the user with the id {id} has no name, so there is no default for the role"))
            .hint("say which role to connect as: -U NAME or PGUSER")
    })
}

/// The home directory: `HOME`, else the account's.
pub(super) fn home(env: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let named = env("HOME").filter(|home| !home.is_empty());
    named.or_else(|| entry().and_then(|fields| fields.into_iter().nth(5))).map(PathBuf::from)
}

fn entry() -> Option<Vec<String>> {
    let id = rustix::process::geteuid().as_raw().to_string();
    let accounts = std::fs::read("/etc/passwd").ok()?;
    let accounts = String::from_utf8_lossy(&accounts);
    let line = accounts.lines().find(|line| line.split(':').nth(2) == Some(id.as_str()))?;
    Some(line.split(':').map(str::to_owned).collect())
}
