//! Encryption in age's format (<https://age-encryption.org/v1>), so that the program `age` opens what was sealed here.
//!
//! Whoever has a store's [`Lock`] can seal bytes and open none; its [`Key`] opens them. Knows nothing of stores.

mod identities;
mod names;
mod recipients;

pub use age::secrecy::SecretString;
pub use identities::Identities;
pub use names::Names;
pub use recipients::Recipients;

use crate::error::{Error, Result};
use age::secrecy::ExposeSecret as _;
use age::secrecy::zeroize::Zeroize as _;
use std::fmt;
use std::str::FromStr;

/// The public half of a store's key.
#[derive(Clone, PartialEq, Eq)]
pub struct Lock(age::x25519::Recipient);

impl Lock {
    /// The bytes, to be opened with the key only.
    pub fn seal(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        age::encrypt(&self.0, bytes).map_err(|error| cannot(&error))
    }
}

impl FromStr for Lock {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let torn = |why| Error::failed("damaged", "the public key of the store is damaged").cause(why);
        text.parse().map(Self).map_err(torn)
    }
}

impl fmt::Display for Lock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, out)
    }
}

/// A store's key. It has no `Debug` and is never written but sealed.
#[derive(Clone)]
pub struct Key(age::x25519::Identity);

impl Key {
    /// A new one.
    pub fn generate() -> Self {
        Self(age::x25519::Identity::generate())
    }

    /// Its public half.
    pub fn lock(&self) -> Lock {
        Lock(self.0.to_public())
    }

    /// Opens what its lock sealed; `None` when it does not open.
    pub fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        age::decrypt(&self.0, sealed).ok()
    }

    /// The key itself as text, sealed to `recipients`.
    pub fn sealed_to(&self, recipients: &Recipients) -> Result<String> {
        let mut text = self.0.to_string().expose_secret().to_owned();
        text.push('\n');
        let sealed = recipients.seal(text.as_bytes());
        // What was in plain does not stay in memory.
        text.zeroize();
        sealed
    }

    /// The key in what [`Self::sealed_to`] made, once it was opened.
    fn parse(mut opened: String) -> Option<Self> {
        let key = opened.trim_end().parse().ok().map(Self);
        opened.zeroize();
        key
    }
}

fn cannot(error: &age::EncryptError) -> Error {
    Error::failed("encryption", "cannot encrypt").cause(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_lock_seals_its_key_opens_and_no_other() {
        let key = Key::generate();
        let sealed = key.lock().seal(b"rows").unwrap();
        assert_eq!(key.open(&sealed).unwrap(), b"rows");
        assert!(Key::generate().open(&sealed).is_none());
        assert_ne!(key.lock().seal(b"rows").unwrap(), sealed, "equal bytes do not look equal");
    }

    #[test]
    fn a_damaged_seal_does_not_open() {
        let key = Key::generate();
        let sealed = key.lock().seal(b"rows").unwrap();
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(key.open(&damaged).is_none(), "byte {at}");
        }
        assert!(key.open(&sealed[..sealed.len() - 1]).is_none());
    }
}
