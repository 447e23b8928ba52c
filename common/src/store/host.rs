//! What a machine that writes into an encrypted store remembers of it: the store's public key, so that nobody puts another
//! one in its place, and the key that names its blocks.
//!
//! One file a place, `$PGSNAP_STATE/<digits>.json`, for its owner only. It can read no backup. Lost, it costs the sharing
//! with older blocks and nothing else.

use super::Location;
use crate::error::{Error, Result};
use crate::seal::{Lock, Names};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// What is remembered, as text.
#[derive(Serialize, Deserialize)]
struct Memory {
    store: String,
    recipient: String,
    names: String,
}

/// The key that names the blocks of the store at `location`, if this machine has written into it before.
pub(super) fn recall(location: &Location, lock: &Lock) -> Result<Option<Names>> {
    let path = path(location)?;
    let what = || format!("cannot read {}", path.display());
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(Error::io(what(), &error)),
    };
    let mode = fs::metadata(&path).map_err(|error| Error::io(what(), &error))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Error::failed("permissions", format!("others have access to {}", path.display()))
            .cause("it holds the key that names blocks")
            .hint(format!("chmod 0600 {}", path.display())));
    }
    let torn = || {
        Error::failed("damaged", format!("{} is damaged", path.display()))
            .hint("remove it: a new one is made, and blocks are named anew")
    };
    let memory: Memory = serde_json::from_slice(&text).map_err(|_| torn())?;
    if memory.recipient != lock.to_string() {
        return Err(Error::refused(
            "other_store",
            format!("the store in {location} is not the one that this machine wrote into before"),
        )
        .cause(format!("its public key was {} and is {lock}", memory.recipient))
        .hint(format!("if it was replaced on purpose, remove {}", path.display())));
    }
    Names::parse(&memory.names).map(Some).ok_or_else(torn)
}

/// Remembers a key for the names; the one that counts, should another process have been first. `publish` gets what is
/// remembered before it is.
pub(super) fn remember(
    location: &Location,
    lock: &Lock,
    publish: impl FnOnce(&Names, &[u8]) -> Result<()>,
) -> Result<Names> {
    let path = path(location)?;
    let names = Names::generate()?;
    let memory = Memory { store: word(location), recipient: lock.to_string(), names: names.to_text() };
    let mut text = serde_json::to_vec(&memory)
        .map_err(|error| Error::failed("internal", "cannot write down a key").cause(error.to_string()))?;
    text.push(b'\n');
    publish(&names, &text)?;
    write(&path, &text).map_err(|error| {
        Error::io(format!("cannot keep the key that names blocks in {}", path.display()), &error)
            .hint("set PGSNAP_STATE to a directory that this user can write and that outlives the run")
    })?;
    recall(location, lock)?.ok_or_else(|| Error::failed("io", format!("{} is gone", path.display())))
}

/// Forgets a store that was there before and was removed.
pub(super) fn forget(location: &Location) -> Result<()> {
    let path = path(location)?;
    match fs::remove_file(&path) {
        Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(Error::io(format!("cannot remove {}", path.display()), &error))
        }
        _ => Ok(()),
    }
}

/// Whole or not at all, and never over one that is there.
fn write(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let digits = crate::random_hex::<6>().map_err(std::io::Error::other)?;
    let staged = directory.join(format!("{digits}.new"));
    let made = File::options().write(true).create_new(true).mode(0o600).open(&staged).and_then(|mut file| {
        file.write_all(text)?;
        file.sync_all()?;
        match fs::hard_link(&staged, path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    });
    let removed = fs::remove_file(&staged);
    made?;
    removed?;
    File::open(directory)?.sync_all()
}

/// Where the store at `location` is remembered.
pub(super) fn path(location: &Location) -> Result<PathBuf> {
    let digest = blake3::hash(word(location).as_bytes()).to_hex();
    Ok(directory()?.join(format!("{}.json", &digest[..16])))
}

/// The place in one spelling.
fn word(location: &Location) -> String {
    let directory = location.directory().and_then(|path| fs::canonicalize(path).ok());
    directory.map_or_else(|| location.to_string(), |path| path.display().to_string())
}

fn directory() -> Result<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = || Some(named("XDG_STATE_HOME")?.join("pgrunbook"));
    let home = || Some(named("HOME")?.join(".local/state/pgrunbook"));
    named("PGSNAP_STATE").or_else(state).or_else(home).ok_or_else(|| {
        Error::usage("there is no place to keep the key that names the blocks of an encrypted store")
            .hint("set PGSNAP_STATE or HOME")
    })
}
