//! The unprivileged user a server runs as when root starts it: `initdb` and `postgres` refuse to run as root.

use crate::error::{Context, Error, Result};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Looked for in this order.
const NAMES: [&str; 2] = ["postgres", "nobody"];

/// Who a server runs as, when that is somebody else than us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) name: String,
    uid: u32,
    gid: u32,
}

impl Account {
    /// The account to drop to: `None` unless we are root.
    pub(super) fn to_drop_to() -> Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let found = NAMES.iter().find_map(|name| in_passwd(&passwd, name).or_else(|| ask_id(name)));
        found.map(Some).ok_or_else(|| {
            Error::failed(
                "no_account",
                "cannot start a server as root: there is no user postgres or nobody to drop to",
            )
            .hint("run it as an unprivileged user, or create one: useradd --system postgres")
        })
    }

    /// Makes `command` run as this account.
    pub(super) fn run(&self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }

    /// Gives this account a file or directory.
    pub(super) fn own(&self, path: &Path) -> Result<()> {
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
            .context(|| format!("cannot give {} to user {}", path.display(), self.name))
    }

    /// Whether this account can get at `path`; otherwise the directory or file that is in the way. Access lists are not seen.
    pub(super) fn reach(&self, path: &Path) -> std::result::Result<(), PathBuf> {
        let real = path.canonicalize().map_err(|_| path.to_owned())?;
        let ancestors: Vec<&Path> = real.ancestors().collect();
        for part in ancestors.into_iter().rev() {
            let allowed = part.metadata().is_ok_and(|metadata| {
                let shift = if metadata.uid() == self.uid {
                    6
                } else if metadata.gid() == self.gid {
                    3
                } else {
                    0
                };
                metadata.mode() >> shift & 1 == 1
            });
            if !allowed {
                return Err(part.to_owned());
            }
        }
        Ok(())
    }
}

fn in_passwd(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then_some(())?;
        let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(Account { name: name.into(), uid, gid })
    })
}

/// Users may come from a directory service, or from Open Directory on macOS.
fn ask_id(name: &str) -> Option<Account> {
    let number = |flag: &str| {
        let output = Command::new("id").args([flag, name]).stdin(Stdio::null()).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    Some(Account { name: name.into(), uid: number("-u")?, gid: number("-g")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_user_and_its_group() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65535:nobody:/nonexistent:/bin/false\n";
        let expected = Account { name: "nobody".into(), uid: 65534, gid: 65535 };
        assert_eq!(in_passwd(passwd, "nobody"), Some(expected));
        assert_eq!(in_passwd(passwd, "postgres"), None);
    }

    #[test]
    fn names_the_directory_that_is_in_the_way() {
        use std::os::unix::fs::DirBuilderExt;
        let stranger = Account { name: "nobody".into(), uid: 4_000_000, gid: 4_000_000 };
        let private = std::env::temp_dir().join(format!("account-{}", std::process::id()));
        std::fs::DirBuilder::new().mode(0o700).create(&private).unwrap();
        let in_the_way = stranger.reach(&private);
        std::fs::remove_dir(&private).unwrap();
        assert_eq!(in_the_way, Err(private));
        assert_eq!(stranger.reach(Path::new("/usr/bin")), Ok(()));
    }
}
