//! `keys/store.json` of an encrypted store: its key, sealed to those who may read, and who they are.
//!
//! All that depends on the recipients is in this one file, which is replaced as a whole: no block is written again for it.

use crate::error::{Error, Result};
use crate::format::checksum;
use crate::format::version::{FormatVersion, SEALED};
use crate::seal::{Identities, Key, Lock, Recipients};
use serde::{Deserialize, Serialize};

pub(super) const DIRECTORY: &str = "keys";
pub(super) const NAME: &str = "keys/store.json";

/// What helps when that file is lost or damaged.
pub(super) const HEAL: &str =
    "bring it back from a copy of the store: without it nobody can read its snapshots";

/// The store's key, and who may read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Keys {
    format: FormatVersion,
    /// The store's own public key, which blocks are sealed to.
    pub(super) recipient: String,
    /// The public keys of those who may read.
    pub(super) recipients: Vec<String>,
    /// The store's private key, sealed to them.
    identity: String,
}

impl Keys {
    pub(super) fn new(key: &Key, recipients: &Recipients) -> Result<Self> {
        Ok(Self {
            format: SEALED,
            recipient: key.lock().to_string(),
            recipients: recipients.names(),
            identity: key.sealed_to(recipients)?,
        })
    }

    pub(super) fn encode(&self) -> Result<Vec<u8>> {
        let mut json = serde_json::to_vec(self).map_err(|error| {
            Error::failed("store", format!("cannot write {NAME}")).cause(error.to_string())
        })?;
        json.push(b'\n');
        Ok(checksum::seal(&json))
    }

    pub(super) fn decode(json: &[u8]) -> Result<Self> {
        let damaged =
            |why: String| Error::failed("damaged", format!("{NAME} is damaged")).cause(why).hint(HEAL);
        let keys: Self = serde_json::from_slice(json).map_err(|error| damaged(error.to_string()))?;
        keys.format.readable(NAME)?;
        checksum::check(NAME, json, keys.format)
            .map_err(|_| damaged("its bytes are not those that its checksum tells".to_owned()))?;
        Ok(keys)
    }

    /// The store's key, which has to be that of `lock`; `None` when none of the identities opens it.
    pub(super) fn open(&self, identities: &Identities, lock: &Lock) -> Result<Option<Key>> {
        let key = identities.open(&self.identity, &self.recipients)?;
        if key.as_ref().is_some_and(|key| key.lock() != *lock) {
            return Err(other());
        }
        Ok(key)
    }

    /// Fails unless it is of the store that seals with `lock`.
    pub(super) fn belong_to(&self, lock: &Lock) -> Result<()> {
        if self.recipient == lock.to_string() { Ok(()) } else { Err(other()) }
    }
}

fn other() -> Error {
    Error::failed(
        "damaged",
        format!("{NAME} is not of this store: it holds another key than store.json names"),
    )
    .hint("bring both files back from a copy of the store")
}
