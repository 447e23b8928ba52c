//! The snapshot store: blocks named by their content, manifests that make snapshots of them.
//!
//! One layout over one interface (`object_store`), whether a directory or an object store holds it.
//! Knows nothing of PostgreSQL. What was put is durable when the call returns; a manifest is put last.

mod ahead;
mod attestations;
mod check;
mod clock;
mod draft;
mod forget;
mod host;
mod identity;
mod keys;
mod location;
mod marker;
mod objects;
mod readme;
mod refusal;
mod remote;
mod sealed;
mod sweep;
mod transfer;
mod uploads;
mod waiting;
mod watch;

#[cfg(test)]
mod interleaved;

pub use attestations::Damaged;
pub use check::{Verdict, leftovers};
pub use draft::{Added, Draft};
pub use forget::Forgotten;
pub use location::{Location, Remote, Service};
pub use sweep::{Sweeping, Swept};
pub use transfer::{Carried, Transfer};
pub use waiting::stop_when;
pub use watch::Watch;

use crate::error::{Error, Result};
use crate::format::envelope::Envelope;
use crate::format::id::SnapshotId;
use crate::format::manifest::{BlockRef, Manifest};
use crate::format::outline::Outline;
use crate::format::version::FormatVersion;
use crate::seal::Recipients;
use clock::Clock;
use identity::Identity;
use objects::Objects;
use sealed::Seal;
use std::path::Path;
use std::sync::Arc;

/// What helps when a block is missing or damaged. While it is there, snapshots to come count on it.
const HEAL: &str = "bring the file back from a copy of the store; or remove it, and the next `pgsnap create` writes it \
     again if its rows have not changed";

/// The same, where a block that is written again has another name.
const HEAL_SEALED: &str = "bring the file back from a copy of the store";

/// An open store.
pub struct Store {
    objects: Objects,
    clock: Arc<dyn Clock>,
    location: Location,
    id: String,
    format: FormatVersion,
    seal: Option<Seal>,
}

const IDENTITY: &str = "store.json";
const SNAPSHOTS: &str = "snapshots";
const BLOCKS: &str = "blocks";

impl Store {
    /// Opens the store at `location`.
    pub fn open(location: &Location) -> Result<Self> {
        let Some(store) = Self::open_existing(location)? else {
            return Err(Error::failed("no_store", format!("there is no store in {location}"))
                .hint("name the place that `pgsnap create --store` made"));
        };
        Ok(store)
    }

    /// Opens the store at `location`; makes one when there is nothing yet. One that is made is encrypted if there are
    /// recipients; one that is there has to agree with them.
    pub fn open_or_create(location: &Location, recipients: &Recipients) -> Result<Self> {
        Self::open_or_make(location, recipients, !recipients.is_empty(), |objects| {
            if recipients.is_empty() {
                // Of two that begin at once, the first one's identity counts.
                return objects.put_new(IDENTITY, Identity::new(None)?.encode()?);
            }
            sealed::make(objects, location, recipients)
        })
    }

    /// Opens the store at `location`, to take snapshots of `from` as they are stored; makes one when there is nothing yet.
    pub fn open_or_create_like(from: &Self, location: &Location) -> Result<Self> {
        let nobody = Recipients::default();
        let store = Self::open_or_make(location, &nobody, from.is_sealed(), |objects| from.twin(objects))?;
        if store.recipient() == from.recipient() {
            return Ok(store);
        }
        let what = format!("what is in {} cannot be copied into {location}", from.location);
        Err(Error::refused("other_key", what)
            .cause("blocks are copied as they are stored, and the stores are encrypted with different keys, or only one is")
            .hint("name a new place: the store that is made there has the same key"))
    }

    fn open_or_make(
        location: &Location,
        recipients: &Recipients,
        sealed: bool,
        make: impl FnOnce(&Objects) -> Result<()>,
    ) -> Result<Self> {
        if let Some(store) = Self::open_existing(location)? {
            return store.writable(recipients);
        }
        let objects = match location {
            Location::Directory(path) => {
                make_directory(path, location)?;
                Objects::directory(path)?
            }
            Location::Remote(_) => Objects::open(location)?,
        };
        // Another run may be making the store in this very moment: its store.json comes first, staged, then whole.
        let begun = |name: &String| name.starts_with(IDENTITY) || (name == keys::DIRECTORY && sealed);
        let strange = |name: &String| name != "lost+found" && !begun(name);
        if objects.top()?.iter().any(strange) {
            let there = Self::open_existing(location)?.map(|store| store.writable(recipients));
            return there.unwrap_or_else(|| {
                Err(Error::failed("not_a_store", format!("cannot make a store in {location}"))
                    .cause("it holds other files and no store.json")
                    .hint("name an empty or a new place"))
            });
        }
        make(&objects)?;
        Self::open(location)?.writable(recipients)
    }

    fn open_existing(location: &Location) -> Result<Option<Self>> {
        let what = || format!("cannot open the store in {location}");
        if let Location::Directory(path) = location {
            match std::fs::metadata(path) {
                Ok(metadata) if !metadata.is_dir() => {
                    return Err(Error::failed("not_a_store", what()).cause("it is not a directory"));
                }
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(Error::io(what(), &error)),
            }
        }
        let objects = Objects::open(location)?;
        let Some(json) = objects.get_if_there(IDENTITY)? else { return Ok(None) };
        let identity = Identity::decode(&json).map_err(|error| error.context(what()))?;
        let seal = identity.lock().map_err(|error| error.context(what()))?;
        let seal = seal.map(|lock| Seal { lock, key: None });
        let (id, format) = (identity.id, identity.format);
        let clock = Arc::new(clock::Machine);
        Ok(Some(Self { objects, clock, location: location.clone(), id, format, seal }))
    }

    /// The same store once more, with the same key.
    pub fn reopen(&self) -> Result<Self> {
        let mut again = Self::open(&self.location)?;
        again.seal.clone_from(&self.seal);
        Ok(again)
    }

    fn writable(self, recipients: &Recipients) -> Result<Self> {
        self.format.writable(&format!("the store in {}", self.location))?;
        self.agrees_with(recipients)?;
        // It may have been removed because it was damaged.
        self.objects.put_new(readme::NAME, readme::text())?;
        Ok(self)
    }

    /// Where it is.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Its random id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Begins a snapshot, as soon as nobody removes blocks. Nothing of it is seen before [`Draft::commit`].
    pub fn begin<'a>(&'a self, watch: &'a Watch<'a>) -> Result<Draft<'a>> {
        Draft::begin(self, watch)
    }

    /// The names of all snapshots, oldest first.
    pub fn snapshots(&self) -> Result<Vec<SnapshotId>> {
        let mut ids = Vec::new();
        for (name, _) in self.objects.list(SNAPSHOTS)? {
            // A file of somebody else's must not hide the snapshots.
            if let Some(Ok(id)) = name.strip_suffix(".json").map(str::parse) {
                ids.push(id);
            }
        }
        ids.sort();
        Ok(ids)
    }

    /// What can be told of each snapshot, oldest first. One that somebody forgets meanwhile is left out.
    pub fn outlines(&self) -> Result<impl DoubleEndedIterator<Item = (SnapshotId, Result<Outline>)>> {
        let listed = self.snapshots()?.into_iter().map(|id| (self.outline(&id), id));
        Ok(listed.filter(|(outline, _)| !is_gone(outline)).map(|(outline, id)| (id, outline)))
    }

    /// The snapshot that a person means by `name`: `latest`, `latest:DATABASE`, or an unambiguous prefix.
    pub fn find(&self, name: &str) -> Result<SnapshotId> {
        if name.is_empty() {
            return Err(Error::usage("an empty word names no snapshot")
                .hint("is it a variable that is not set? `latest` is the newest one"));
        }
        let mut matches = self.snapshots()?;
        if name == "latest" {
            return matches.pop().ok_or_else(|| {
                Error::failed("no_snapshot", format!("the store in {} has no snapshot", self.location))
            });
        }
        if let Some(database) = name.strip_prefix("latest:") {
            for (id, outline) in self.outlines()?.rev() {
                if outline?.source.database == database {
                    return Ok(id);
                }
            }
            let what = format!("no snapshot of database {database:?} is in {}", self.location);
            return Err(Error::failed("no_snapshot", what).hint("`pgsnap list` shows what is there"));
        }
        matches.retain(|id| id.starts_with(name));
        match matches.as_slice() {
            [] => Err(Error::failed("no_snapshot", format!("no snapshot {name:?} is in {}", self.location))
                .hint("`pgsnap list` shows what is there")),
            [id] => Ok(id.clone()),
            [..] if matches.iter().any(|id| id.as_str() == name) => name.parse(),
            several => {
                let names: Vec<_> = several.iter().take(5).map(SnapshotId::as_str).collect();
                Err(Error::usage(format!("{name:?} fits {} snapshots", several.len()))
                    .cause(names.join(", "))
                    .hint("say more of its name, or latest:DATABASE"))
            }
        }
    }

    /// What can be told of a snapshot without a key.
    pub fn outline(&self, id: &SnapshotId) -> Result<Outline> {
        let (name, json) = self.snapshot_file(id)?;
        let outline = if self.is_sealed() {
            Envelope::decode(&name, &json)?.outline
        } else {
            Outline::of(&Manifest::decode(&name, &json)?)
        };
        is_of(id, &outline.id, &name)?;
        Ok(outline)
    }

    fn damaged(&self, block: &BlockRef, verdict: Verdict, owner: &str) -> Error {
        Error::failed("damaged", format!("block {} is {verdict}", block.file))
            .cause(format!("it belongs to {owner}"))
            .hint(self.heal())
    }

    /// What helps when a block is missing or damaged.
    pub fn heal(&self) -> &'static str {
        if self.is_sealed() { HEAL_SEALED } else { HEAL }
    }

    /// A snapshot's manifest.
    pub fn manifest(&self, id: &SnapshotId) -> Result<Manifest> {
        let (name, json) = self.snapshot_file(id)?;
        let manifest =
            if self.is_sealed() { self.unsealed(&name, &json)? } else { Manifest::decode(&name, &json)? };
        is_of(id, &manifest.id, &name)?;
        Ok(manifest)
    }

    fn unsealed(&self, name: &str, json: &[u8]) -> Result<Manifest> {
        self.key()?;
        let envelope = Envelope::decode(name, json)?;
        let mut sealed = Vec::new();
        for piece in &envelope.manifest {
            sealed.extend(self.block(piece, "the manifest")?);
        }
        let manifest = Manifest::decode(name, &sealed)?;
        if envelope.fits(&manifest) {
            return Ok(manifest);
        }
        Err(Error::failed("damaged", format!("the snapshot {name} says other things than are sealed in it")))
    }

    fn snapshot_file(&self, id: &SnapshotId) -> Result<(String, Vec<u8>)> {
        let name = manifest_name(id);
        match self.objects.get_if_there(&name)? {
            Some(json) => Ok((name, json)),
            None => Err(Error::failed("no_snapshot", format!("there is no snapshot {id}"))),
        }
    }

    /// Asks for the first few of these blocks: they will be wanted soon, in this order.
    pub fn ask_ahead(&self, blocks: &[BlockRef]) {
        for block in blocks.iter().take(ahead::NEXT).filter(|block| block.stored <= ahead::LARGE) {
            self.objects.ask_ahead(block_name(&block.file));
        }
    }

    /// The bytes of a block, proved by its name; `owner` says in an error whom it belongs to.
    pub fn block(&self, block: &BlockRef, owner: &str) -> Result<Vec<u8>> {
        if self.is_sealed() {
            self.key()?;
        }
        match self.inspect(block)? {
            (Verdict::Sound, bytes) => Ok(bytes),
            (verdict, _) => Err(self.damaged(block, verdict, owner)),
        }
    }
}

/// Whether a snapshot that was listed is no longer there.
fn is_gone<T>(read: &Result<T>) -> bool {
    matches!(read, Err(error) if error.code() == "no_snapshot")
}

fn is_of(wanted: &SnapshotId, found: &SnapshotId, name: &str) -> Result<()> {
    if found == wanted {
        return Ok(());
    }
    Err(Error::failed("damaged", format!("the manifest {name} is that of snapshot {found}")))
}

fn make_directory(path: &Path, location: &Location) -> Result<()> {
    std::fs::create_dir_all(path)
        .map_err(|error| Error::io(format!("cannot make a store in {location}"), &error))
}

fn manifest_name(id: &SnapshotId) -> String {
    format!("{SNAPSHOTS}/{id}.json")
}

fn block_name(file: &str) -> String {
    format!("{BLOCKS}/{}/{file}", file.get(..2).unwrap_or_default())
}
