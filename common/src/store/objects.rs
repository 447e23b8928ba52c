//! Named bytes over `object_store`, called from plain threads.
//!
//! A directory is written durably: staged file, fsync, rename, fsync of the directory (`with_fsync`).

use super::{Location, remote};
use crate::error::{Error, Result};
use futures_util::StreamExt as _;
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutPayload, path::Path as ObjectPath};
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

pub(super) struct Objects {
    inner: Arc<dyn ObjectStore>,
    runtime: Runtime,
    place: String,
}

impl Objects {
    pub(super) fn open(location: &Location) -> Result<Self> {
        match location {
            Location::Directory(path) => Self::directory(path),
            Location::Remote(remote) => Self::over(remote::open(remote)?, location.to_string()),
        }
    }

    pub(super) fn directory(location: &Path) -> Result<Self> {
        let what = || format!("cannot open {}", location.display());
        let inner = LocalFileSystem::new_with_prefix(location)
            .map_err(|error| Error::failed("store", what()).cause(error.to_string()))?
            .with_fsync(true);
        Self::over(Arc::new(inner), location.display().to_string())
    }

    fn over(inner: Arc<dyn ObjectStore>, place: String) -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("store")
            .enable_all()
            .build()
            .map_err(|error| Error::io("cannot start the store's thread", &error))?;
        Ok(Self { inner, runtime, place })
    }

    pub(super) fn put(&self, name: &str, bytes: Vec<u8>) -> Result<()> {
        let path = ObjectPath::from(name);
        self.runtime
            .block_on(self.inner.put(&path, PutPayload::from(bytes)))
            .map(drop)
            .map_err(|error| self.cannot("write", name, &error))
    }

    /// Puts it unless there is one of that name already.
    pub(super) fn put_new(&self, name: &str, bytes: Vec<u8>) -> Result<()> {
        let path = ObjectPath::from(name);
        let put = self.inner.put_opts(&path, PutPayload::from(bytes), PutMode::Create.into());
        match self.runtime.block_on(put) {
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(()),
            Err(error) => Err(self.cannot("write", name, &error)),
        }
    }

    pub(super) fn get(&self, name: &str) -> Result<Vec<u8>> {
        self.get_if_there(name)?
            .ok_or_else(|| Error::failed("damaged", format!("{}/{name} is missing", self.place)))
    }

    pub(super) fn get_if_there(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let path = ObjectPath::from(name);
        let bytes = self.runtime.block_on(async { self.inner.get(&path).await?.bytes().await });
        match bytes {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.cannot("read", name, &error)),
        }
    }

    /// The last parts and sizes of all names below `prefix`.
    pub(super) fn list(&self, prefix: &str) -> Result<Vec<(String, u64)>> {
        let path = ObjectPath::from(prefix);
        let mut names = Vec::new();
        self.runtime.block_on(async {
            let mut stream = self.inner.list(Some(&path));
            while let Some(object) = stream.next().await {
                let object = object.map_err(|error| self.cannot("list", prefix, &error))?;
                if let Some(name) = object.location.filename() {
                    names.push((name.to_owned(), object.size));
                }
            }
            Ok(names)
        })
    }

    /// What lies at the top: names of objects, and the first parts of the others.
    pub(super) fn top(&self) -> Result<Vec<String>> {
        let listed = self.runtime.block_on(self.inner.list_with_delimiter(None));
        let listed = listed.map_err(|error| self.cannot("list", "", &error))?;
        let objects = listed.objects.iter().map(|object| &object.location);
        let names = objects.chain(&listed.common_prefixes);
        Ok(names.filter_map(|name| name.filename().map(str::to_owned)).collect())
    }

    fn cannot(&self, verb: &str, name: &str, error: &object_store::Error) -> Error {
        let what = format!("cannot {verb} {}/{name}", self.place);
        let mut source: Option<&dyn std::error::Error> = Some(error);
        while let Some(cause) = source {
            if let Some(io) = cause.downcast_ref::<std::io::Error>() {
                return Error::io(what, io);
            }
            source = cause.source();
        }
        Error::failed("store", what).cause(error.to_string())
    }
}
