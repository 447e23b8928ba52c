//! Why the run should stop: a signal, a reader that is gone, or a reason of the program's own.
//!
//! Nothing is stopped here. A handler sets a flag, long work asks for it, and values undo on their way out what they
//! began. Several signals are one: guards run to their end. What the caller has set to be ignored (`nohup`, background
//! jobs of a shell) stays ignored.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Why the run should stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// This signal came.
    Signal(u8),
    /// Nobody reads stdout any more.
    ReaderGone,
    /// The program itself cannot go on, such as when the disk under stdout is full.
    Internal,
}

const READER_GONE: u8 = 1;
const INTERNAL: u8 = 2;

/// The last signal's number; 0 for none. Shared with the handlers.
static SIGNAL: OnceLock<Arc<AtomicUsize>> = OnceLock::new();
static OWN: AtomicU8 = AtomicU8::new(0);

/// Catches SIGINT, SIGTERM and SIGHUP from now on, and watches whether stdout still has a reader.
pub fn install() -> std::io::Result<()> {
    let caught = SIGNAL.get_or_init(Arc::default);
    let ignored = ignored();
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        if ignored & (1 << (signal - 1)) == 0 {
            let number = usize::try_from(signal).unwrap_or_default();
            signal_hook::flag::register_usize(signal, Arc::clone(caught), number)?;
        }
    }
    // A file that grows beyond `ulimit -f` is an error of the write (EFBIG), which says what file it was.
    signal_hook::flag::register(SIGXFSZ, Arc::default())?;
    super::stdio::watch_reader(|| request_stop(Reason::ReaderGone))
}

/// Whether long work should stop where it is. Cheap: may be asked for each block.
pub fn stop_requested() -> bool {
    reason().is_some()
}

/// Why work should stop. A signal outweighs a reader that is gone: Ctrl-C ends all programs of a pipeline.
pub fn reason() -> Option<Reason> {
    match (received(), OWN.load(Ordering::SeqCst)) {
        (Some(signal), _) => Some(Reason::Signal(signal)),
        (None, 0) => None,
        (None, READER_GONE) => Some(Reason::ReaderGone),
        (None, _) => Some(Reason::Internal),
    }
}

/// Asks the program to stop. The first reason stays.
pub fn request_stop(reason: Reason) {
    let own = if reason == Reason::ReaderGone { READER_GONE } else { INTERNAL };
    // A reason that is there already is the better one.
    let _ = OWN.compare_exchange(0, own, Ordering::SeqCst, Ordering::SeqCst);
}

/// The signal that came.
pub(super) fn received() -> Option<u8> {
    let number = SIGNAL.get()?.load(Ordering::SeqCst);
    u8::try_from(number).ok().filter(|number| *number != 0)
}

/// A signal as people name it.
pub(super) fn name(signal: u8) -> String {
    match i32::from(signal) {
        SIGINT => "SIGINT".to_owned(),
        SIGTERM => "SIGTERM".to_owned(),
        SIGHUP => "SIGHUP".to_owned(),
        _ => format!("signal {signal}"),
    }
}

/// The mask of signals that were ignored when the program began; 0 where the system does not tell (only Linux does,
/// in `/proc/self/status`, see proc(5)): asking needs `sigaction`, which no safe interface offers.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}
