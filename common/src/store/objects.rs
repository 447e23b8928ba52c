//! Named bytes over `object_store`, called from plain threads.
//!
//! A directory is written durably: staged file, fsync, rename, fsync of the directory (`with_fsync`). In an object store
//! an object is there as a whole or not at all.

use super::ahead::Ahead;
use super::uploads::Uploads;
use super::waiting::wait;
use super::{Location, refusal, remote};
use crate::error::{Error, Result};
use futures_util::StreamExt as _;
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutPayload, path::Path as ObjectPath};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use tokio::runtime::{Builder, Runtime};

/// What is larger than this goes up in parts.
const IN_PARTS: usize = 16 << 20;
const PART: usize = 8 << 20;

/// How often an answer may break off.
const BROKEN_OFF: usize = 3;

mod listing;

pub(super) use listing::Entry;

pub(super) struct Objects {
    inner: Arc<dyn ObjectStore>,
    runtime: Runtime,
    place: String,
    /// Whether what was put may be lost on its way.
    remote: bool,
    /// Whether it has ever answered.
    answered: AtomicBool,
    uploads: Uploads,
    directory: Option<PathBuf>,
    ahead: Ahead,
}

impl Objects {
    pub(super) fn open(location: &Location) -> Result<Self> {
        match location {
            Location::Directory(path) => Self::directory(path),
            Location::Remote(remote) => {
                let what = || format!("cannot open the store in {location}");
                let inner = remote::open(remote).map_err(|error| error.context(what()))?;
                Ok(Self { remote: true, ..Self::over(inner, location.to_string())? })
            }
        }
    }

    pub(super) fn directory(location: &Path) -> Result<Self> {
        let what = || format!("cannot open {}", location.display());
        let inner = LocalFileSystem::new_with_prefix(location)
            .map_err(|error| Error::failed("store", what()).cause(error.to_string()))?
            .with_fsync(true);
        let objects = Self::over(Arc::new(inner), location.display().to_string())?;
        Ok(Self { directory: Some(location.to_owned()), ..objects })
    }

    pub(super) fn over(inner: Arc<dyn ObjectStore>, place: String) -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("store")
            .enable_all()
            .build()
            .map_err(|error| Error::io("cannot start the store's thread", &error))?;
        let (answered, uploads, ahead) = (AtomicBool::new(false), Uploads::default(), Ahead::default());
        Ok(Self { inner, runtime, place, remote: false, answered, uploads, directory: None, ahead })
    }

    fn wait<T>(
        &self,
        work: impl Future<Output = object_store::Result<T>>,
    ) -> Result<object_store::Result<T>> {
        wait(self.runtime.handle(), work)
    }

    pub(super) fn put(&self, name: &str, bytes: Vec<u8>) -> Result<()> {
        let put = upload(Arc::clone(&self.inner), ObjectPath::from(name), bytes, self.remote);
        self.told("write", name, self.wait(put)?)
    }

    /// Puts it, and makes sure that it is there: where it is remote an answer may be wrong.
    pub(super) fn put_surely(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.put(name, bytes.to_vec())?;
        if !self.remote || self.get_if_there(name)?.as_deref() == Some(bytes) {
            return Ok(());
        }
        Err(refusal::lost_write(name))
    }

    /// Puts it, too, but need not have done so when it returns, where each answer takes its time: [`Objects::settle`]
    /// waits for all that is under way. At most some MiB are.
    pub(super) fn put_soon(&self, name: String, bytes: Vec<u8>) -> Result<()> {
        if !self.remote {
            return self.put(&name, bytes);
        }
        self.failed_upload()?;
        let room = self.wait(async { Ok(self.uploads.enter(bytes.len()).await) })?;
        let room = room.map_err(|error| self.cannot("write", &name, &error))?;
        let put = upload(Arc::clone(&self.inner), ObjectPath::from(name.as_str()), bytes, true);
        let failure = Arc::clone(&self.uploads.failure);
        self.runtime.spawn(async move {
            if let Err(error) = put.await {
                let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
                failure.get_or_insert((name, error));
            }
            drop(room);
        });
        Ok(())
    }

    /// Waits for what was put; fails when something of it did.
    pub(super) fn settle(&self) -> Result<()> {
        drop(self.wait(async { Ok(self.uploads.enter(usize::MAX).await) })?);
        self.failed_upload()
    }

    fn failed_upload(&self) -> Result<()> {
        let failure = self.uploads.failure.lock().unwrap_or_else(PoisonError::into_inner);
        match &*failure {
            Some((name, error)) => Err(self.cannot("write", name, error)),
            None => Ok(()),
        }
    }

    /// Whether it is on another machine, where an answer is no proof.
    pub(super) fn is_remote(&self) -> bool {
        self.remote
    }

    /// Puts it unless there is one of that name already, and makes sure that there is one. These are the files that a
    /// store begins with: one of them lost, and no later run could mend it.
    pub(super) fn put_new(&self, name: &str, bytes: Vec<u8>) -> Result<()> {
        let path = ObjectPath::from(name);
        let put = self.inner.put_opts(&path, PutPayload::from(bytes.clone()), PutMode::Create.into());
        match self.wait(put)? {
            Err(object_store::Error::AlreadyExists { .. }) => Ok(()),
            // Not every server knows conditions.
            Err(error) if refusal::is_unknown(&error) => {
                if self.get_if_there(name)?.is_some() {
                    Ok(())
                } else {
                    self.put(name, bytes)
                }
            }
            done => {
                self.told("write", name, done.map(drop))?;
                if !self.remote || self.get_if_there(name)?.is_some() {
                    return Ok(());
                }
                Err(refusal::lost_write(name))
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Result<Vec<u8>> {
        self.get_if_there(name)?
            .ok_or_else(|| Error::failed("damaged", format!("{}/{name} is missing", self.place)))
    }

    pub(super) fn get_if_there(&self, name: &str) -> Result<Option<Vec<u8>>> {
        if let Some(answer) = self.ahead.take(name)
            && let Ok(Some(bytes)) = wait(self.runtime.handle(), answer)?
        {
            return Ok(Some(bytes));
        }
        let path = ObjectPath::from(name);
        match self.again(|| async { self.inner.get(&path).await?.bytes().await })? {
            Err(error @ object_store::Error::NotFound { .. }) if !refusal::has_no_bucket(&error) => Ok(None),
            done => self.told("read", name, done).map(|bytes| Some(bytes.into())),
        }
    }

    /// Asks for what will be wanted soon; does nothing where an answer takes no time.
    pub(super) fn ask_ahead(&self, name: String) {
        if self.remote {
            self.ahead.ask(self.runtime.handle(), &self.inner, name);
        }
    }

    /// The last parts and sizes of all names below `prefix`.
    pub(super) fn list(&self, prefix: &str) -> Result<Vec<(String, u64)>> {
        let path = ObjectPath::from(prefix);
        self.told("list", prefix, self.again(|| self.list_once(&path))?)
    }

    async fn list_once(&self, path: &ObjectPath) -> object_store::Result<Vec<(String, u64)>> {
        let mut names = Vec::new();
        let mut stream = self.inner.list(Some(path));
        while let Some(object) = stream.next().await {
            let object = object?;
            if let Some(name) = object.location.filename() {
                names.push((name.to_owned(), object.size));
            }
        }
        Ok(names)
    }

    /// Asks again when an answer broke off: of what is read as a whole that is not done by itself.
    fn again<T, F: Future<Output = object_store::Result<T>>>(
        &self,
        ask: impl Fn() -> F,
    ) -> Result<object_store::Result<T>> {
        let mut done = self.wait(ask())?;
        for _ in 0..BROKEN_OFF {
            match &done {
                Err(error) if self.remote && refusal::is_broken_off(error) => done = self.wait(ask())?,
                _ => break,
            }
        }
        Ok(done)
    }

    /// What lies at the top: names of objects, and the first parts of the others.
    pub(super) fn top(&self) -> Result<Vec<String>> {
        let listed = self.again(|| self.inner.list_with_delimiter(None))?;
        let listed = self.told("list", "", listed)?;
        let objects = listed.objects.iter().map(|object| &object.location);
        let names = objects.chain(&listed.common_prefixes);
        Ok(names.filter_map(|name| name.filename().map(str::to_owned)).collect())
    }

    /// Says what was tried when it failed.
    fn told<T>(&self, verb: &str, name: &str, done: object_store::Result<T>) -> Result<T> {
        match done {
            Ok(value) => {
                self.answered.store(true, Ordering::Relaxed);
                Ok(value)
            }
            Err(error) => Err(self.cannot(verb, name, &error)),
        }
    }

    /// The store itself and the thread that talks to it, for work that goes on beside others.
    pub(super) fn background(&self) -> (Arc<dyn ObjectStore>, &Runtime) {
        (Arc::clone(&self.inner), &self.runtime)
    }

    pub(super) fn cannot(&self, verb: &str, name: &str, error: &object_store::Error) -> Error {
        let what = format!("cannot {verb} {}/{name}", self.place);
        refusal::explain(what, error, self.remote, self.answered.load(Ordering::Relaxed))
    }
}

/// Writes an object; what is large in parts, so that no request is too long to be tried again.
async fn upload(
    inner: Arc<dyn ObjectStore>,
    path: ObjectPath,
    bytes: Vec<u8>,
    in_parts: bool,
) -> object_store::Result<()> {
    if !in_parts || bytes.len() <= IN_PARTS {
        return inner.put(&path, PutPayload::from(bytes)).await.map(drop);
    }
    let bytes = bytes::Bytes::from(bytes);
    let mut upload = inner.put_multipart(&path).await?;
    let sent = async {
        for start in (0..bytes.len()).step_by(PART) {
            let part = bytes.slice(start..bytes.len().min(start + PART));
            upload.put_part(PutPayload::from(part)).await?;
        }
        upload.complete().await
    }
    .await;
    if sent.is_err() {
        // The reason why it failed is what counts; the bucket's own rules end what stays.
        drop(upload.abort().await);
    }
    sent.map(drop)
}
