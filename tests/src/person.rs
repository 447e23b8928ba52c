//! Somebody with a key of age, who may read an encrypted store.

use crate::TempDir;
use age::secrecy::ExposeSecret as _;
use std::path::PathBuf;

/// A person, and where the private key is.
#[derive(Debug)]
pub struct Person {
    /// The public key, `age1…`.
    pub public: String,
    /// The private one, which nobody else may see.
    pub secret: String,
    /// The file that holds it.
    pub file: PathBuf,
}

impl Person {
    /// One with a new key in `directory`.
    pub fn new(directory: &TempDir, name: &str) -> Self {
        let key = age::x25519::Identity::generate();
        let secret = key.to_string().expose_secret().to_owned();
        let file = directory.write(format!("keys/{name}.txt"), format!("# {name}\n{secret}\n"));
        Self { public: key.to_public().to_string(), secret, file }
    }
}
