//! What the `ssl…` parameters ask for, checked; no file is read here but for whether it is there.

use super::settings::Settings;
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// `sslmode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::pg) enum Mode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// Whose certificates are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pg) enum Roots {
    /// Any certificate will do.
    Nobody,
    /// Those signed by a certificate in this file.
    File(PathBuf),
    /// Those the operating system trusts.
    System,
}

/// `sslcertmode`: whether our own certificate is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pg) enum Showing {
    Never,
    WhenAsked,
    Always,
}

/// Which versions of TLS may be spoken; those before 1.2 never are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pg) enum Versions {
    Both,
    Only12,
    Only13,
}

/// Everything TLS needs to know.
#[derive(Clone, Debug)]
pub(in crate::pg) struct Encryption {
    pub(in crate::pg) mode: Mode,
    /// TLS from the first byte, instead of asking the server for it.
    pub(in crate::pg) direct: bool,
    pub(in crate::pg) roots: Roots,
    /// Our certificate and its key.
    pub(in crate::pg) identity: Option<(PathBuf, PathBuf)>,
    pub(in crate::pg) showing: Showing,
    /// Files with lists of revoked certificates.
    pub(in crate::pg) revoked: Vec<PathBuf>,
    /// Whether the host's name is told in the clear.
    pub(in crate::pg) sni: bool,
    pub(in crate::pg) versions: Versions,
}

impl Encryption {
    pub(super) fn parse(settings: &Settings, home: Option<&Path>) -> Result<Self> {
        let mode = mode(settings)?;
        let direct = match settings.filled("sslnegotiation").unwrap_or("postgres") {
            "postgres" => false,
            "direct" => true,
            other => return Err(super::invalid("sslnegotiation", other)),
        };
        if direct && mode < Mode::Require {
            return Err(Error::usage(
                "sslnegotiation=direct needs sslmode=require, verify-ca or verify-full",
            ));
        }
        let showing = match settings.filled("sslcertmode").unwrap_or("allow") {
            "disable" => Showing::Never,
            "allow" => Showing::WhenAsked,
            "require" => Showing::Always,
            other => return Err(super::invalid("sslcertmode", other)),
        };
        let default = |name: &str| home.map(|home| home.join(".postgresql").join(name));
        Ok(Self {
            mode,
            direct,
            roots: roots(settings, mode, default("root.crt"))?,
            identity: identity(settings, showing, default("postgresql.crt"), default("postgresql.key"))?,
            showing,
            revoked: revoked(settings, default("root.crl"))?,
            sni: settings.filled("sslsni").is_none_or(|value| value.starts_with('1')),
            versions: versions(settings)?,
        })
    }
}

fn mode(settings: &Settings) -> Result<Mode> {
    Ok(match settings.filled("sslmode").unwrap_or("prefer") {
        "disable" => Mode::Disable,
        "allow" => Mode::Allow,
        "prefer" => Mode::Prefer,
        "require" => Mode::Require,
        "verify-ca" => Mode::VerifyCa,
        "verify-full" => Mode::VerifyFull,
        other => return Err(super::invalid("sslmode", other)),
    })
}

/// A root file that is there is used in every mode: that makes `require` behave as `verify-ca`, as in libpq.
fn roots(settings: &Settings, mode: Mode, default: Option<PathBuf>) -> Result<Roots> {
    let named = settings.filled("sslrootcert");
    if named == Some("system") {
        if mode != Mode::VerifyFull {
            return Err(Error::usage("sslrootcert=system needs sslmode=verify-full").hint(
                "anybody can have a certificate that the system trusts, so the host's name must be checked",
            ));
        }
        return Ok(Roots::System);
    }
    match named.map(PathBuf::from).or(default) {
        Some(file) if file.exists() => Ok(Roots::File(file)),
        file if mode >= Mode::VerifyCa => {
            let file =
                file.map_or_else(|| "~/.postgresql/root.crt".to_owned(), |file| file.display().to_string());
            Err(Error::usage(format!("the root certificate file {file} is not there"))
                .hint("name one with sslrootcert, or use sslrootcert=system with sslmode=verify-full"))
        }
        _ => Ok(Roots::Nobody),
    }
}

fn identity(
    settings: &Settings,
    showing: Showing,
    default: Option<PathBuf>,
    default_key: Option<PathBuf>,
) -> Result<Option<(PathBuf, PathBuf)>> {
    let named = settings.filled("sslcert").map(PathBuf::from);
    let is_named = named.is_some();
    let certificate = match named.or(default) {
        _ if showing == Showing::Never => return Ok(None),
        Some(file) if file.exists() || is_named => file,
        _ if showing == Showing::Always => {
            return Err(Error::usage("sslcertmode=require needs a certificate").hint("name it with sslcert"));
        }
        _ => return Ok(None),
    };
    let key = settings.filled("sslkey");
    if key.is_some_and(|key| key.contains(':')) {
        return Err(Error::usage("a private key in an OpenSSL engine (sslkey=engine:id) is not supported"));
    }
    let key = key.map(PathBuf::from).or(default_key);
    let key = key.ok_or_else(|| {
        Error::usage("there is a client certificate but no private key").hint("name it with sslkey")
    })?;
    Ok(Some((certificate, key)))
}

fn revoked(settings: &Settings, default: Option<PathBuf>) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    match settings.filled("sslcrl") {
        Some(file) => files.push(PathBuf::from(file)),
        None if settings.filled("sslcrldir").is_none() => files.extend(default.filter(|file| file.exists())),
        None => {}
    }
    if let Some(directory) = settings.filled("sslcrldir") {
        let what = || format!("cannot read the directory {directory} (sslcrldir)");
        for entry in std::fs::read_dir(directory).map_err(|error| Error::io(what(), &error))? {
            files.push(entry.map_err(|error| Error::io(what(), &error))?.path());
        }
    }
    Ok(files)
}

fn versions(settings: &Settings) -> Result<Versions> {
    let number = |key: &str| match settings.filled(key) {
        None => Ok(None),
        Some(text) => {
            let known = ["tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3"];
            let found = known.iter().position(|known| *known == text.to_ascii_lowercase());
            found.map(Some).ok_or_else(|| super::invalid(key, text))
        }
    };
    let (least, most) = (number("ssl_min_protocol_version")?, number("ssl_max_protocol_version")?);
    let (least, most) = (least.unwrap_or(0), most.unwrap_or(3));
    if most < 2 {
        return Err(Error::usage("TLS before 1.2 is not supported").hint("raise ssl_max_protocol_version"));
    }
    if least > most {
        return Err(Error::usage("ssl_min_protocol_version is above ssl_max_protocol_version"));
    }
    Ok(match (least, most) {
        (3, _) => Versions::Only13,
        (_, 2) => Versions::Only12,
        _ => Versions::Both,
    })
}
