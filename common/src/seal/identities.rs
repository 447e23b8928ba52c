//! Private keys as `--identity` takes them: age's identity files, and SSH keys.
//!
//! An SSH key with a passphrase is asked for on the terminal, and only when it is one of those that may read.

use super::{Key, SecretString};
use crate::error::{Error, Result};
use age::armor::ArmoredReader;
use age::{DecryptError, Decryptor, Identity, IdentityFile, ssh};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Asks a person: gets what is asked for.
type Ask = fn(&str) -> Result<SecretString>;

/// Private keys.
pub struct Identities {
    ask: Ask,
    ready: Vec<Box<dyn Identity>>,
    protected: Vec<Protected>,
}

/// An SSH key that needs its passphrase.
struct Protected {
    path: PathBuf,
    public: String,
    key: ssh::Identity,
}

impl Identities {
    /// Reads the files; `ask` will be asked for passphrases. A FIFO will do, such as a shell's `<(…)`.
    pub fn load(paths: &[PathBuf], ask: Ask) -> Result<Self> {
        let mut all = Self { ask, ready: Vec::new(), protected: Vec::new() };
        for path in paths {
            all.add(path)?;
        }
        Ok(all)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.protected.is_empty()
    }

    fn add(&mut self, path: &Path) -> Result<()> {
        let what = format!("cannot use the identity {}", path.display());
        let wrong = |why: &str| Error::usage(what.clone()).cause(why.to_owned());
        let text = std::fs::read(path).map_err(|error| wrong(&error.to_string()))?;
        let Ok(text) = String::from_utf8(text) else {
            return Err(wrong("it is no text; an age identity file begins with AGE-SECRET-KEY-1").hint(OPEN));
        };
        if text.starts_with("-----BEGIN AGE ENCRYPTED FILE") || text.starts_with("age-encryption.org/") {
            return Err(wrong("it is encrypted itself").hint(OPEN));
        }
        if text.starts_with("-----BEGIN ") {
            let name = path.display().to_string();
            let key = ssh::Identity::from_buffer(text.as_bytes(), Some(name))
                .map_err(|_| wrong("it is no SSH key of kind ssh-ed25519 or ssh-rsa"))?;
            return match &key {
                ssh::Identity::Unencrypted(_) => {
                    self.ready.push(Box::new(key));
                    Ok(())
                }
                ssh::Identity::Encrypted(_) => {
                    let public = ssh::Recipient::try_from(key.clone())
                        .map_err(|_| wrong("it is of a kind that cannot decrypt"))?
                        .to_string();
                    self.protected.push(Protected { path: path.to_owned(), public, key });
                    Ok(())
                }
                ssh::Identity::Unsupported(_) => Err(wrong(
                    "it is an SSH key of a kind that cannot be used here",
                )
                .hint("`ssh-keygen -p -f FILE` writes old kinds anew; keys in hardware cannot decrypt")),
            };
        }
        let file = IdentityFile::from_buffer(text.as_bytes())
            .map_err(|_| wrong("it is neither an age identity file nor an SSH private key"))?;
        let keys = file.into_identities().map_err(|error| wrong(&error.to_string()))?;
        if keys.is_empty() {
            return Err(wrong("it holds no key"));
        }
        self.ready.extend(keys.into_iter().map(|key| key as Box<dyn Identity>));
        Ok(())
    }

    /// The store's key that was `sealed` to `recipients`; `None` when none of these opens it.
    pub fn open(&self, sealed: &str, recipients: &[String]) -> Result<Option<Key>> {
        let keys = || self.ready.iter().map(|key| &**key);
        if let Some(key) = try_open(sealed, keys())? {
            return Ok(Some(key));
        }
        for protected in self.protected.iter().filter(|key| recipients.contains(&key.public)) {
            let what = format!("cannot use the identity {}", protected.path.display());
            let ssh::Identity::Encrypted(encrypted) = &protected.key else { continue };
            let passphrase = (self.ask)(&format!("passphrase of {}: ", protected.path.display()))
                .map_err(|error| error.context(what.clone()))?;
            let Ok(ready) = encrypted.decrypt(passphrase) else {
                return Err(Error::usage(what).cause("the passphrase is wrong"));
            };
            let ready = ssh::Identity::from(ready);
            if let Some(key) = try_open(sealed, std::iter::once(&ready as &dyn Identity))? {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }
}

const OPEN: &str =
    "`age -d FILE` opens a protected identity; in bash --identity <(age -d FILE) takes what it prints";

fn try_open<'a>(sealed: &str, keys: impl Iterator<Item = &'a dyn Identity>) -> Result<Option<Key>> {
    let torn = |why: String| Error::failed("damaged", "the sealed key of the store does not open").cause(why);
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(sealed.as_bytes()))
        .map_err(|error| torn(error.to_string()))?;
    let mut opened = String::new();
    match decryptor.decrypt(keys) {
        Err(DecryptError::NoMatchingKeys) => return Ok(None),
        Err(error) => return Err(torn(error.to_string())),
        Ok(mut reader) => reader.read_to_string(&mut opened).map_err(|error| torn(error.to_string()))?,
    };
    Key::parse(opened).map(Some).ok_or_else(|| torn("it holds no key".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::Recipients;
    use super::*;

    #[test]
    fn a_sealed_key_opens_for_those_whom_it_was_sealed_to() {
        let (alice, mallory) = (age::x25519::Identity::generate(), age::x25519::Identity::generate());
        let recipients = Recipients::parse(&[alice.to_public().to_string()]).unwrap();
        let key = Key::generate();
        let sealed = key.sealed_to(&recipients).unwrap();
        let open = |identity: age::x25519::Identity| {
            let identities = Identities {
                ask: |_| unreachable!(),
                ready: vec![Box::new(identity)],
                protected: Vec::new(),
            };
            identities.open(&sealed, &recipients.names()).unwrap()
        };
        assert!(open(alice).unwrap().lock() == key.lock());
        assert!(open(mallory).is_none());
    }
}
