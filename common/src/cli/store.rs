//! `--store`: where snapshots are, and `--identity`: what opens them; the same in all tools.

use super::passphrase;
use crate::error::Result;
use crate::seal::Identities;
use crate::store::{Location, Store};
use clap::Args;
use std::path::PathBuf;

/// Where snapshots are, for those who read what is in them.
#[derive(Args, Clone, Debug)]
pub struct StoreFlags {
    /// The store: a directory, `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX` or `az://CONTAINER/PREFIX`
    #[arg(long, value_name = "STORE", env = "PGSNAP_STORE", hide_env_values = true)]
    pub store: Location,

    /// Private key that opens an encrypted store: an age identity file or an SSH key; may be given several times
    #[arg(long, value_name = "FILE", env = "PGSNAP_IDENTITY", hide_env_values = true)]
    pub identity: Vec<PathBuf>,
}

/// Where snapshots are, for those who need no key.
#[derive(Args, Clone, Debug)]
pub struct StorePlace {
    /// The store: a directory, `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX` or `az://CONTAINER/PREFIX`
    #[arg(long, value_name = "STORE", env = "PGSNAP_STORE", hide_env_values = true)]
    pub store: Location,
}

impl StoreFlags {
    /// Opens it, to read what is in its snapshots; there has to be one.
    pub fn open(&self) -> Result<Store> {
        open(&self.store, &self.identity)
    }

    /// Opens it, to read as much as can be read with the keys that were given, if any.
    pub fn open_with_or_without_key(&self) -> Result<Store> {
        if self.identity.is_empty() { Store::open(&self.store) } else { self.open() }
    }
}

impl StorePlace {
    /// Opens it; there has to be one.
    pub fn open(&self) -> Result<Store> {
        Store::open(&self.store)
    }
}

/// Opens the store at `location`, to read what is in its snapshots.
pub fn open(location: &Location, identity: &[PathBuf]) -> Result<Store> {
    let mut store = Store::open(location)?;
    if store.is_sealed() {
        store.unlock(&Identities::load(identity, passphrase::ask)?)?;
    }
    Ok(store)
}
