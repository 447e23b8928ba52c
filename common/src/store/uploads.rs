//! What is on its way to an object store: some MiB of it at once, so that nobody waits for each answer.

use std::sync::{Arc, Mutex};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes that may be under way, counted in pieces; what is larger goes alone.
const ROOM: usize = 32 << 20;
const PIECE: usize = 1 << 20;
const PIECES: u32 = 32;

/// The name and the error of the first one that failed.
type Failure = Option<(String, object_store::Error)>;

pub(super) struct Uploads {
    room: Arc<Semaphore>,
    pub(super) failure: Arc<Mutex<Failure>>,
}

impl Default for Uploads {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(ROOM / PIECE)), failure: Arc::default() }
    }
}

impl Uploads {
    /// Waits until there is room for so many bytes, which is taken until what is returned goes.
    pub(super) async fn enter(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let pieces = u32::try_from(bytes.div_ceil(PIECE)).unwrap_or(PIECES).clamp(1, PIECES);
        // It is never closed.
        Arc::clone(&self.room).acquire_many_owned(pieces).await.ok()
    }
}
