//! The file of a snapshot in an encrypted store: its outline in clear, and the blocks that hold its sealed manifest.

use super::checksum;
use super::manifest::{BlockRef, Manifest};
use super::outline::{Needed, Outline};
use super::version::{FormatVersion, SEALED};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// A snapshot as it lies in an encrypted store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// What can be told without a key, and the envelope's version.
    #[serde(flatten)]
    pub outline: Outline,
    /// Which key named the blocks.
    pub names: String,
    /// The manifest, in pieces.
    pub manifest: Vec<BlockRef>,
}

#[derive(Deserialize)]
struct Head {
    format: FormatVersion,
}

impl Envelope {
    /// The envelope of `manifest`, which lies in `pieces`; `hide` keeps a word from those who could guess it.
    pub fn of(
        manifest: &Manifest,
        pieces: Vec<BlockRef>,
        names: String,
        hide: impl Fn(&str) -> String,
    ) -> Self {
        let mut outline = outline(manifest, &pieces);
        outline.format = SEALED;
        outline.part = hide(&outline.part);
        Self { outline, names, manifest: pieces }
    }

    /// Whether it says of `manifest` what is so.
    pub fn fits(&self, manifest: &Manifest) -> bool {
        let mut outline = outline(manifest, &self.manifest);
        outline.format = self.outline.format;
        // It is made with a key that only the writer has.
        outline.part.clone_from(&self.outline.part);
        self.outline == outline
    }

    /// Its JSON.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let mut json = serde_json::to_vec(self).map_err(|error| {
            Error::failed("manifest", "cannot write the snapshot").cause(error.to_string())
        })?;
        json.push(b'\n');
        Ok(checksum::seal(&json))
    }

    /// Reads JSON that was found under `name`.
    pub fn decode(name: &str, json: &[u8]) -> Result<Self> {
        let what = format!("the snapshot {name}");
        let torn = |error: serde_json::Error| {
            Error::failed("damaged", format!("{what} is damaged"))
                .cause(error.to_string())
                .hint(Manifest::HINT)
        };
        let head: Head = serde_json::from_slice(json).map_err(torn)?;
        head.format.readable(&what)?;
        if head.format.major != SEALED.major {
            return Err(Error::failed("damaged", format!("{what} is not sealed, but its store is"))
                .hint(Manifest::HINT));
        }
        checksum::check(&what, json, head.format).map_err(|error| error.hint(Manifest::HINT))?;
        serde_json::from_slice(json).map_err(torn)
    }
}

fn outline(manifest: &Manifest, pieces: &[BlockRef]) -> Outline {
    let mut outline = Outline::of(manifest);
    let pieces = pieces.iter().map(|piece| Needed { file: piece.file.clone(), stored: piece.stored });
    outline.blocks.extend(pieces);
    outline.blocks.sort();
    outline.blocks.dedup();
    outline
}
