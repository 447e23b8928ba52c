//! A store of which every request is a step of an actor, and a clock that goes when it is told to.

use super::gate::{Gate, Step};
use crate::store::clock::{Clock, Stamp};
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt as _, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

/// The time of a test: of the store and of all actors.
#[derive(Clone)]
pub(super) struct Time {
    start: (Instant, SystemTime),
    seconds: Arc<AtomicU64>,
    written: Arc<Mutex<HashMap<Path, u64>>>,
}

impl Time {
    pub(super) fn new() -> Self {
        let start = (Instant::now(), SystemTime::now());
        Self { start, seconds: Arc::default(), written: Arc::default() }
    }

    pub(super) fn pass(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    fn seconds(&self) -> u64 {
        self.seconds.load(Ordering::SeqCst)
    }
}

/// An actor's way to the store.
#[derive(Clone)]
pub(super) struct Stepped {
    pub(super) inner: Arc<dyn ObjectStore>,
    pub(super) gate: Arc<Gate>,
    pub(super) actor: usize,
    pub(super) time: Time,
    /// What this actor does not see in listings: for the test of the test.
    pub(super) blind_to: Option<&'static str>,
}

impl Stepped {
    fn dated(&self, mut meta: ObjectMeta) -> ObjectMeta {
        let seconds = self.time.written.lock().unwrap().get(&meta.location).copied().unwrap_or_default();
        meta.last_modified += Duration::from_secs(seconds);
        meta
    }

    fn step(&self, step: Step) {
        self.gate.before(self.actor, step);
    }
}

impl Clock for Stepped {
    fn now(&self) -> Stamp {
        let passed = Duration::from_secs(self.time.seconds());
        Stamp { steady: self.time.start.0 + passed, wall: self.time.start.1 + passed }
    }

    fn pause(&self, _: Duration) {
        self.step(Step::Pause);
        self.time.pass(6);
    }
}

impl fmt::Debug for Stepped {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "actor {}", self.actor)
    }
}

impl fmt::Display for Stepped {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, out)
    }
}

#[async_trait::async_trait]
impl ObjectStore for Stepped {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.step(Step::Write(path.to_string()));
        self.time.written.lock().unwrap().insert(path.clone(), self.time.seconds());
        self.inner.put_opts(path, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.step(Step::Read(path.to_string()));
        let mut got = self.inner.get_opts(path, options).await?;
        got.meta = self.dated(got.meta);
        Ok(got)
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let this = self.clone();
        paths
            .then(move |path| {
                let this = this.clone();
                async move {
                    let path = path?;
                    this.step(Step::Write(path.to_string()));
                    this.inner.delete(&path).await.map(|()| path)
                }
            })
            .boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let below = prefix.map(ToString::to_string).unwrap_or_default();
        let is_blind = self.blind_to == Some(below.as_str());
        self.step(Step::Read(below));
        if is_blind {
            return stream::empty().boxed();
        }
        let this = self.clone();
        self.inner.list(prefix).map(move |meta| meta.map(|meta| this.dated(meta))).boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
