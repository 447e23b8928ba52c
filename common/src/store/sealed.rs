//! An encrypted store: made, opened with a key, given other recipients.
//!
//! Blocks and manifests are sealed to the store's own public key, which stands in `store.json`. The private one is only in
//! `keys/store.json`, sealed to the recipients. Whoever writes needs no secret.

use super::identity::Identity;
use super::keys::{self, Keys};
use super::objects::Objects;
use super::{IDENTITY, Location, Store, host};
use crate::error::{Error, Result};
use crate::seal::{Identities, Key, Lock, Names, Recipients};
use std::path::PathBuf;

/// What an encrypted store has that others have not.
#[derive(Clone)]
pub(super) struct Seal {
    pub(super) lock: Lock,
    pub(super) key: Option<Key>,
}

/// Makes an encrypted store where there is none.
pub(super) fn make(objects: &Objects, location: &Location, recipients: &Recipients) -> Result<()> {
    host::forget(location)?;
    // The key comes first: without it a store could be written, but never read.
    objects.put_new(keys::NAME, Keys::new(&Key::generate(), recipients)?.encode()?)?;
    // Of two that begin at once, the first one's counts.
    let keys = Keys::decode(&objects.get(keys::NAME)?)?;
    objects.put_new(IDENTITY, Identity::new(Some(keys.recipient))?.encode()?)
}

impl Store {
    /// Whether it is encrypted.
    pub fn is_sealed(&self) -> bool {
        self.seal.is_some()
    }

    /// Whether what is in its snapshots can be read.
    pub fn is_readable(&self) -> bool {
        self.seal.as_ref().is_none_or(|seal| seal.key.is_some())
    }

    /// Opens it with the first of the identities that fits.
    pub fn unlock(&mut self, identities: &Identities) -> Result<()> {
        let Some(seal) = &self.seal else { return Ok(()) };
        let keys = self.keys()?;
        keys.belong_to(&seal.lock)?;
        let readers = || format!("it opens to the private key of {}", keys.recipients.join(" or "));
        if identities.is_empty() {
            let what = format!("the store in {} is encrypted, and no --identity was given", self.location);
            return Err(Error::usage(what).code_is("no_identity").hint(readers()));
        }
        let lock = seal.lock.clone();
        let Some(key) = keys.open(identities, &lock)? else {
            let what = format!("the identities that were given do not open the store in {}", self.location);
            return Err(Error::usage(what).code_is("wrong_identity").hint(readers()));
        };
        self.seal = Some(Seal { lock, key: Some(key) });
        Ok(())
    }

    /// Who may read, as public keys; nobody is named in a store that is not encrypted.
    pub fn recipients(&self) -> Result<Vec<String>> {
        if self.is_sealed() { Ok(self.keys()?.recipients) } else { Ok(Vec::new()) }
    }

    /// The store's own public key, if it is encrypted.
    pub fn recipient(&self) -> Option<String> {
        self.seal.as_ref().map(|seal| seal.lock.to_string())
    }

    /// Lets `recipients` read, and nobody else; only the file of the keys is written.
    pub fn rekey(&self, recipients: &Recipients) -> Result<()> {
        let key = self.key()?;
        self.objects.put_surely(keys::NAME, &Keys::new(key, recipients)?.encode()?)
    }

    /// Fails unless its key is there, so that what is written can be read one day.
    pub(super) fn lockable(&self) -> Result<()> {
        match &self.seal {
            Some(seal) => self.keys()?.belong_to(&seal.lock),
            None => Ok(()),
        }
    }

    /// Fails unless it may be written into by who wants it encrypted to `recipients`.
    pub(super) fn agrees_with(&self, recipients: &Recipients) -> Result<()> {
        let Some(seal) = &self.seal else {
            if recipients.is_empty() {
                return Ok(());
            }
            return Err(Error::refused(
                "not_encrypted",
                format!("the store in {} is not encrypted", self.location),
            )
            .cause("what is in it would stay readable")
            .hint("name a new place: --encrypt-to makes an encrypted store there"));
        };
        self.lockable()?;
        host::recall(&self.location, &seal.lock)?;
        let readers = self.recipients()?;
        let strange: Vec<_> = recipients.names().into_iter().filter(|name| !readers.contains(name)).collect();
        if strange.is_empty() {
            return Ok(());
        }
        let what = format!("the store in {} is encrypted to others than --encrypt-to names", self.location);
        Err(Error::refused("other_recipients", what)
            .cause(format!("it does not open to {}", strange.join(", ")))
            .hint("`pgsnap keys --encrypt-to` changes who may read"))
    }

    /// Makes an empty store with the same key, if this one has any.
    pub(super) fn twin(&self, objects: &Objects) -> Result<()> {
        for (file, _) in self.objects.list(keys::DIRECTORY)? {
            let name = format!("{}/{file}", keys::DIRECTORY);
            objects.put_new(&name, self.objects.get(&name)?)?;
        }
        objects.put_new(IDENTITY, Identity::new(self.recipient())?.encode()?)
    }

    /// Its key.
    pub(super) fn key(&self) -> Result<&Key> {
        let key = self.seal.as_ref().and_then(|seal| seal.key.as_ref());
        key.ok_or_else(|| {
            Error::usage(format!("the store in {} is encrypted, and was opened without a key", self.location))
                .code_is("no_identity")
                .hint("--identity FILE opens it")
        })
    }

    fn keys(&self) -> Result<Keys> {
        match self.objects.get_if_there(keys::NAME)? {
            Some(json) => Keys::decode(&json),
            None => Err(Error::failed("damaged", format!("{}/{} is missing", self.location, keys::NAME))
                .hint(keys::HEAL)),
        }
    }

    /// The key that names its blocks, and, if that is a new one, where it is kept.
    pub(super) fn names(&self, lock: &Lock) -> Result<(Names, Option<PathBuf>)> {
        if let Some(names) = host::recall(&self.location, lock)? {
            return Ok((names, None));
        }
        let names = host::remember(&self.location, lock, |names, text| {
            // From here it can be brought back by who may read.
            let file = format!("{}/names-{}.age", keys::DIRECTORY, names.id());
            self.objects.put_surely(&file, &lock.seal(text)?)
        })?;
        Ok((names, Some(host::path(&self.location)?)))
    }
}
