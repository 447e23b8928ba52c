//! `store.json`: which store this is, and in which format.

use crate::error::{Error, Result};
use crate::format::checksum;
use crate::format::version::{CURRENT, FormatVersion};
use serde::{Deserialize, Serialize};

/// What `store.json` says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) format: FormatVersion,
    pub(super) id: String,
}

impl Identity {
    /// A new store's.
    pub(super) fn new() -> Result<Self> {
        Ok(Self { format: CURRENT, id: crate::random_hex::<8>()? })
    }

    pub(super) fn encode(&self) -> Result<Vec<u8>> {
        let json = serde_json::to_vec(self)
            .map_err(|error| Error::failed("store", "cannot write store.json").cause(error.to_string()))?;
        Ok(checksum::seal(&json))
    }

    /// Reads it; fails when it is damaged, or newer than this release can read.
    pub(super) fn decode(json: &[u8]) -> Result<Self> {
        let identity: Self = serde_json::from_slice(json)
            .map_err(|error| Error::failed("damaged", "store.json is damaged").cause(error.to_string()))?;
        identity.format.readable("store.json")?;
        checksum::check("store.json", json, identity.format)?;
        if identity.id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(identity);
        }
        Err(Error::failed("damaged", "store.json holds no proper id"))
    }
}
