//! Names with their times, one after another, and their removal.

use super::{BROKEN_OFF, Objects, refusal};
use crate::error::{Context as _, Result};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectMeta, ObjectStoreExt as _};
use std::collections::HashSet;

/// A name that is there.
pub(crate) struct Entry {
    /// Where it is, below the store.
    pub(crate) path: ObjectPath,
    /// Its size.
    pub(crate) size: u64,
    /// When it was written, by the store's own clock: milliseconds since 1970.
    pub(crate) modified_ms: i64,
}

impl Entry {
    fn of(meta: ObjectMeta) -> Self {
        Self { path: meta.location, size: meta.size, modified_ms: meta.last_modified.timestamp_millis() }
    }

    /// The last part of its name.
    pub(crate) fn file(&self) -> &str {
        self.path.filename().unwrap_or_default()
    }
}

/// What came of removing several names; those that are neither gone nor absent could not be removed.
#[derive(Default)]
pub(crate) struct Removed {
    /// Those that are gone now.
    pub(crate) gone: HashSet<ObjectPath>,
    /// How many were gone already.
    pub(crate) absent: usize,
    /// Why the first of the others is not.
    pub(crate) error: Option<crate::error::Error>,
}

/// All names below a prefix, as the store tells them: never all at once.
struct Entries<'a> {
    objects: &'a Objects,
    prefix: String,
    stream: BoxStream<'static, object_store::Result<ObjectMeta>>,
    last: Option<ObjectPath>,
    /// How often an answer has broken off since the last name.
    broken_off: usize,
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let told = self.objects.wait(async { self.stream.next().await.transpose() });
            match told {
                Err(stopped) => return Some(Err(stopped)),
                Ok(Ok(None)) => return None,
                Ok(Ok(Some(meta))) => {
                    self.broken_off = 0;
                    if self.objects.remote {
                        self.last = Some(meta.location.clone());
                    }
                    return Some(Ok(Entry::of(meta)));
                }
                Ok(Err(error)) if self.is_worth_another_try(&error) => self.go_on(),
                Ok(Err(error)) => return Some(Err(self.objects.cannot("list", &self.prefix, &error))),
            }
        }
    }
}

impl Entries<'_> {
    fn is_worth_another_try(&mut self, error: &object_store::Error) -> bool {
        self.broken_off += 1;
        self.objects.remote && self.broken_off <= BROKEN_OFF && refusal::is_broken_off(error)
    }

    /// Asks for the names behind the last one: object stores tell them in their order.
    fn go_on(&mut self) {
        let prefix = ObjectPath::from(self.prefix.as_str());
        self.stream = match &self.last {
            Some(last) => self.objects.inner.list_with_offset(Some(&prefix), last),
            None => self.objects.inner.list(Some(&prefix)),
        };
    }
}

impl Objects {
    /// All names below `prefix`. What is removed meanwhile may or may not be told.
    pub(crate) fn entries(&self, prefix: &str) -> impl Iterator<Item = Result<Entry>> + '_ {
        let stream = self.inner.list(Some(&ObjectPath::from(prefix)));
        Entries { objects: self, prefix: prefix.to_owned(), stream, last: None, broken_off: 0 }
    }

    /// What the store tells of one name.
    pub(crate) fn entry(&self, name: &str) -> Result<Option<Entry>> {
        let path = ObjectPath::from(name);
        match self.wait(self.inner.head(&path))? {
            Ok(meta) => Ok(Some(Entry::of(meta))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.cannot("look at", name, &error)),
        }
    }

    /// Removes a name; one that is not there is no error.
    pub(crate) fn delete(&self, path: &ObjectPath) -> Result<()> {
        match self.wait(self.inner.delete(path))? {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.cannot("remove", path.as_ref(), &error)),
        }
    }

    /// Removes many names, in as few requests as the store takes them.
    pub(crate) fn delete_all(&self, paths: Vec<ObjectPath>) -> Removed {
        let mut removed = Removed::default();
        let asked = futures_util::stream::iter(paths.into_iter().map(Ok)).boxed();
        let done = self.wait(async {
            let mut answers = self.inner.delete_stream(asked);
            while let Some(answer) = answers.next().await {
                match answer {
                    Ok(path) => {
                        removed.gone.insert(path);
                    }
                    Err(object_store::Error::NotFound { .. }) => removed.absent += 1,
                    Err(error) => {
                        removed.error.get_or_insert_with(|| self.cannot("remove", "blocks", &error));
                    }
                }
            }
            Ok(())
        });
        if let Err(stopped) = done {
            removed.error.get_or_insert(stopped);
        }
        removed
    }

    /// Returns when the removals below `prefix` can't be undone by a power cut. An object store's can't from the first.
    pub(crate) fn flush_removals(&self, prefix: &str) -> Result<()> {
        let Some(directory) = self.directory.as_ref().map(|directory| directory.join(prefix)) else {
            return Ok(());
        };
        std::fs::File::open(&directory)
            .and_then(|directory| directory.sync_all())
            .context(|| format!("cannot write {} to its disk", directory.display()))
    }
}
