//! `--store`: where snapshots are, the same in all tools.

use crate::error::Result;
use crate::store::{Location, Store};
use clap::Args;

/// Where snapshots are.
#[derive(Args, Clone, Debug)]
pub struct StoreFlags {
    /// The store: a directory, `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX` or `az://CONTAINER/PREFIX`
    #[arg(long, value_name = "STORE", env = "PGSNAP_STORE", hide_env_values = true)]
    pub store: Location,
}

impl StoreFlags {
    /// Opens it; there has to be one.
    pub fn open(&self) -> Result<Store> {
        Store::open(&self.store)
    }
}
