//! What was found out about snapshots: `verified/<snapshot>-<time>.json`, one file for each verification.

use super::{Store, manifest_name, readme};
use crate::error::{Error, Result};
use crate::format::attestation::Attestation;
use crate::format::id::SnapshotId;
use crate::format::version::FormatVersion;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const VERIFIED: &str = "verified";

/// Stores from this format on have a README with a checksum.
const SEALED_README: FormatVersion = FormatVersion { major: 1, minor: 1 };

/// A file beside the blocks and manifests that is not as it was written.
pub struct Damaged {
    /// Its name below the store's directory.
    pub file: String,
    /// What is wrong with it.
    pub error: Error,
}

impl Store {
    /// Writes an attestation; its name below the store's directory.
    pub fn attest(&self, attestation: &Attestation) -> Result<String> {
        let time: String = attestation.verified.chars().filter(char::is_ascii_alphanumeric).collect();
        let name = format!("{VERIFIED}/{}-{time}.json", attestation.snapshot);
        self.objects.put(&name, attestation.encode()?)?;
        Ok(name)
    }

    /// What was found out last about each snapshot, and the files that can't be read.
    pub fn attestations(&self) -> Result<(BTreeMap<SnapshotId, Attestation>, Vec<Damaged>)> {
        let mut newest: BTreeMap<SnapshotId, Attestation> = BTreeMap::new();
        let mut damaged = Vec::new();
        for (file, _) in self.objects.list(VERIFIED)? {
            // A file that is being staged, or somebody else's.
            if file.strip_suffix(".json").is_none() {
                continue;
            }
            let name = format!("{VERIFIED}/{file}");
            // One that is gone by now went with its snapshot.
            let Some(read) = self.objects.get_if_there(&name).transpose() else { continue };
            match read.and_then(|json| Attestation::decode(&name, &json)) {
                Err(error) => damaged.push(Damaged { file: name, error }),
                Ok(attestation) => {
                    let known = newest.get(&attestation.snapshot);
                    if known.is_none_or(|known| known.verified < attestation.verified) {
                        newest.insert(attestation.snapshot.clone(), attestation);
                    }
                }
            }
        }
        Ok((newest, damaged))
    }

    /// The names of the files that say something about a snapshot.
    pub(super) fn attestation_files(&self, id: &SnapshotId) -> Result<BTreeSet<String>> {
        let beginning = format!("{id}-");
        let files = self.objects.list(VERIFIED)?.into_iter().map(|(file, _)| file);
        let ours = files.filter(|file| file.starts_with(&beginning) && file.strip_suffix(".json").is_some());
        Ok(ours.map(|file| format!("{VERIFIED}/{file}")).collect())
    }

    /// Whether an attestation is of the snapshot that is there under its name, and of no other file.
    pub fn vouches(&self, attestation: &Attestation) -> Result<bool> {
        let json = self.objects.get_if_there(&manifest_name(&attestation.snapshot))?;
        Ok(json.is_some_and(|json| digest(&json) == attestation.manifest))
    }

    /// The BLAKE3 of a manifest's file: says which snapshot exactly an attestation is of.
    pub fn manifest_digest(&self, id: &SnapshotId) -> Result<String> {
        self.objects.get(&manifest_name(id)).map(|json| digest(&json))
    }

    /// What of the files beside blocks, manifests and `store.json` is missing or damaged.
    pub fn surroundings(&self) -> Result<Vec<Damaged>> {
        let (_, mut damaged) = self.attestations()?;
        if let Err(error) = self.lockable() {
            damaged.push(Damaged { file: super::keys::NAME.to_owned(), error });
        }
        if self.format >= SEALED_README {
            let checked = match self.objects.get_if_there(readme::NAME)? {
                Some(bytes) => readme::check(&bytes),
                None => Err(Error::failed("damaged", format!("{} is missing", readme::NAME))
                    .hint("the next `pgsnap create` writes it again")),
            };
            if let Err(error) = checked {
                damaged.push(Damaged { file: readme::NAME.to_owned(), error });
            }
        }
        Ok(damaged)
    }
}

fn digest(json: &[u8]) -> String {
    blake3::hash(json).to_hex().to_string()
}
