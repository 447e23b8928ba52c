//! Who is at work in a store: `running/ID.json` of those that add, `sweeping/ID.json` of those that remove blocks.
//!
//! Each first writes its marker and then looks for markers of the other kind, so that of two at least one sees the other. A
//! marker is refreshed while its run lives; one that was not for long is taken for dead, by the store's own clock.
//! What must hold: whoever might have been taken for dead knows that before anybody else may think so ([`DOUBT`], [`DEAD`]).

use super::clock::{Clock, Stamp};
use super::objects::Objects;
use crate::error::{Error, Result};
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt as _};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

pub(super) const RUNNING: &str = "running";
pub(super) const SWEEPING: &str = "sweeping";

/// How often a marker is refreshed.
const BEAT: Duration = Duration::from_mins(2);
/// After so long without a refresh its owner no longer counts on its marker.
const DOUBT: Duration = Duration::from_mins(15);
/// After so long without a refresh others take its owner for dead.
const DEAD: Duration = Duration::from_mins(30);
/// How long the end of a run waits for a refresh that is under way.
const LAST: Duration = Duration::from_secs(10);

/// What a marker says of its run, for people.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Who {
    tool: String,
    host: String,
    pid: u32,
    began: String,
    /// Whether the run has ended and only could not remove its marker.
    over: bool,
}

impl Who {
    fn me(tool: &str) -> Self {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let began = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        Self { tool: tool.to_owned(), host, pid: std::process::id(), began, over: false }
    }

    fn encode(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self)
            .map_err(|error| Error::failed("internal", "cannot write a marker").cause(error.to_string()))
    }
}

impl std::fmt::Display for Who {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} on {:?} (process {}, since {})", self.tool, self.host, self.pid, self.began)
    }
}

/// Another run that lives.
pub(super) struct Peer {
    pub(super) who: Who,
}

/// How sure the owner is of its marker.
struct Pulse {
    /// Before its last refresh was sent.
    refreshed: Stamp,
    /// Whether it may have been taken for dead since it was first written.
    doubtful: bool,
    closed: bool,
}

/// A marker that is in the store as long as this value lives.
pub(super) struct Marker<'a> {
    objects: &'a Objects,
    clock: Arc<dyn Clock>,
    name: String,
    who: Who,
    pulse: Arc<Mutex<Pulse>>,
    beats: JoinHandle<()>,
}

impl<'a> Marker<'a> {
    /// Writes a marker of that kind.
    pub(super) fn put(objects: &'a Objects, clock: &Arc<dyn Clock>, kind: &str, tool: &str) -> Result<Self> {
        let name = format!("{kind}/{}.json", crate::random_hex::<8>()?);
        let who = Who::me(tool);
        let body = who.encode()?;
        let pulse = Pulse { refreshed: clock.now(), doubtful: false, closed: false };
        if let Err(error) = objects.put(&name, body.clone()) {
            // It may be there although no answer came: others would wait for it until it dies of age.
            drop(objects.delete(&ObjectPath::from(name.as_str())));
            return Err(error);
        }
        let pulse = Arc::new(Mutex::new(pulse));
        let (store, runtime) = objects.background();
        let beat =
            Beat { store, clock: Arc::clone(clock), name: name.clone(), body, pulse: Arc::clone(&pulse) };
        let beats = runtime.spawn(beat.on());
        Ok(Self { objects, clock: Arc::clone(clock), name, who, pulse, beats })
    }

    fn with_pulse<T>(&self, look: impl FnOnce(&mut Pulse) -> T) -> T {
        let (_, runtime) = self.objects.background();
        look(&mut runtime.block_on(self.pulse.lock()))
    }

    /// Whether nobody can have taken this run for dead so far.
    pub(super) fn is_fresh(&self) -> bool {
        let now = self.clock.now();
        self.with_pulse(|pulse| !pulse.doubtful && pulse.refreshed.until(&now) < DOUBT)
    }

    /// The same, and the marker is still there.
    pub(super) fn is_sure(&self) -> Result<bool> {
        Ok(self.objects.get_if_there(&self.name)?.is_some() && self.is_fresh())
    }

    /// From now on this run has to prove that what it counts on is there.
    pub(super) fn doubt(&self) {
        self.with_pulse(|pulse| pulse.doubtful = true);
    }

    /// Writes it anew; doubts of before are over.
    pub(super) fn renew(&self) -> Result<()> {
        let now = self.clock.now();
        self.objects.put(&self.name, self.who.encode()?)?;
        self.with_pulse(|pulse| (pulse.refreshed, pulse.doubtful) = (now, false));
        Ok(())
    }

    /// Others of that kind that live. Those that are dead are removed, and told by the second value.
    pub(super) fn others(&self, kind: &str) -> Result<(Vec<Peer>, bool)> {
        let entries = self.objects.entries(kind).collect::<Result<Vec<_>>>()?;
        let (mut living, mut is_any_dead) = (Vec::new(), false);
        let mut now = None;
        for entry in entries {
            let name = format!("{kind}/{}", entry.file());
            if name == self.name || name.strip_suffix(".json").is_none() {
                continue;
            }
            let now = match now {
                Some(now) => now,
                None => *now.insert(self.store_time()?),
            };
            let age = u64::try_from(now - entry.modified_ms).map_or(Duration::ZERO, Duration::from_millis);
            let Some(body) = self.objects.get_if_there(&name)? else { continue };
            // Somebody at work in another way is at work, whatever stands there.
            let who: Who = serde_json::from_slice(&body).unwrap_or_default();
            if !who.over && age < DEAD {
                living.push(Peer { who });
                continue;
            }
            is_any_dead |= !who.over;
            // Where it can't be removed it is still dead.
            drop(self.objects.delete(&entry.path));
        }
        Ok((living, is_any_dead))
    }

    /// The time of the store's clock, as of the marker's last refresh.
    fn store_time(&self) -> Result<i64> {
        match self.objects.entry(&self.name)? {
            Some(entry) => Ok(entry.modified_ms),
            None => {
                Err(Error::failed("swept", format!("somebody has removed {}", self.name))
                    .hint("run it again"))
            }
        }
    }
}

impl Drop for Marker<'_> {
    fn drop(&mut self) {
        let (_, runtime) = self.objects.background();
        // A refresh that is under way would bring the marker back.
        runtime.block_on(async {
            if let Ok(mut pulse) = tokio::time::timeout(LAST, self.pulse.lock()).await {
                pulse.closed = true;
            }
        });
        self.beats.abort();
        if self.objects.delete(&ObjectPath::from(self.name.as_str())).is_err() {
            // Who may not remove may perhaps write; else it dies of age.
            let over = Who { over: true, ..self.who.clone() };
            drop(over.encode().and_then(|body| self.objects.put(&self.name, body)));
        }
    }
}

/// Refreshes a marker.
struct Beat {
    store: Arc<dyn ObjectStore>,
    clock: Arc<dyn Clock>,
    name: String,
    body: Vec<u8>,
    pulse: Arc<Mutex<Pulse>>,
}

impl Beat {
    async fn on(self) {
        loop {
            tokio::time::sleep(BEAT).await;
            self.once().await;
        }
    }

    async fn once(&self) {
        let mut pulse = self.pulse.lock().await;
        if pulse.closed {
            return;
        }
        let now = self.clock.now();
        let path = ObjectPath::from(self.name.as_str());
        // Whoever came so late may have been taken for dead. So may one whose marker is gone.
        pulse.doubtful |= pulse.refreshed.until(&now) >= DOUBT
            || matches!(self.store.head(&path).await, Err(object_store::Error::NotFound { .. }));
        // One that fails is made up for by the next, or by doubt.
        if self.store.put(&path, self.body.clone().into()).await.is_ok() {
            pulse.refreshed = now;
        }
    }
}
