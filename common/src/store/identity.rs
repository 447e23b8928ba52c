//! `store.json`: which store this is, and in which format.

use crate::error::{Error, Result};
use crate::format::checksum;
use crate::format::version::{CURRENT, FormatVersion, SEALED};
use crate::seal::Lock;
use serde::{Deserialize, Serialize};

/// What `store.json` says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) format: FormatVersion,
    pub(super) id: String,
    /// The public key of an encrypted store, which its blocks are sealed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) recipient: Option<String>,
}

impl Identity {
    /// A new store's.
    pub(super) fn new(recipient: Option<String>) -> Result<Self> {
        let format = if recipient.is_some() { SEALED } else { CURRENT };
        Ok(Self { format, id: crate::random_hex::<8>()?, recipient })
    }

    /// What seals its blocks, if it is encrypted.
    pub(super) fn lock(&self) -> Result<Option<Lock>> {
        self.recipient.as_deref().map(str::parse).transpose()
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
        if (identity.format.major == SEALED.major) != identity.recipient.is_some() {
            return Err(Error::failed("damaged", "store.json does not tell whether the store is encrypted"));
        }
        if identity.id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(identity);
        }
        Err(Error::failed("damaged", "store.json holds no proper id"))
    }
}
