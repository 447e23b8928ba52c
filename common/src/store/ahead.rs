//! Blocks that are asked for before they are wanted, where each answer takes its time.
//!
//! A courtesy: what fails here is asked for again when it is wanted, and fails then.

use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt as _};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// How many may be waiting to be wanted. With [`LARGE`], what bounds the memory.
const MOST: usize = 16;

/// What is larger is not asked for ahead.
pub(super) const LARGE: u64 = 4 << 20;

/// How many of the next blocks a reader should ask for.
pub(super) const NEXT: usize = 4;

#[derive(Default)]
pub(super) struct Ahead(Mutex<HashMap<String, JoinHandle<Option<Vec<u8>>>>>);

impl Ahead {
    pub(super) fn ask(&self, runtime: &Handle, inner: &Arc<dyn ObjectStore>, name: String) {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= MOST {
            // Whoever asked for what is here and does not want it any more must not be in the way for ever.
            asked.retain(|_, answer| !answer.is_finished());
        }
        if asked.len() < MOST && !asked.contains_key(&name) {
            let (inner, path) = (Arc::clone(inner), ObjectPath::from(name.as_str()));
            let answer = async move { inner.get(&path).await.ok()?.bytes().await.ok().map(Into::into) };
            asked.insert(name, runtime.spawn(answer));
        }
    }

    /// The answer that is on its way, if it was asked for.
    pub(super) fn take(&self, name: &str) -> Option<JoinHandle<Option<Vec<u8>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name)
    }
}
