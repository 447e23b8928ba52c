//! How far the work is: a bar for people, `progress` records for programs that asked for them.

use crate::records::{Progress, Writer, human};
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The least time between two `progress` records.
const PAUSE: u64 = 1000;

/// Counts the bytes and rows of one phase, from any thread. The bar goes away with it.
pub struct Meter {
    phase: &'static str,
    total: Option<u64>,
    begun: Instant,
    bytes: AtomicU64,
    rows: AtomicU64,
    /// Milliseconds from `begun` at which the next record is due.
    due: AtomicU64,
    bar: Option<ProgressBar>,
    writer: Option<Arc<Writer>>,
}

impl Meter {
    /// A meter of `phase` over `total` bytes, when that is known.
    pub(super) fn new(
        phase: &'static str,
        total: Option<u64>,
        bars: Option<&MultiProgress>,
        writer: Option<Arc<Writer>>,
    ) -> Self {
        let bar = bars.map(|bars| {
            let bar = bars.add(ProgressBar::new(total.unwrap_or_default()));
            bar.set_style(style(total.is_some()));
            bar.set_message(phase);
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        let (bytes, rows, due) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(PAUSE));
        Self { phase, total, begun: Instant::now(), bytes, rows, due, bar, writer }
    }

    /// So many bytes more are done.
    pub fn add(&self, bytes: u64) {
        let done = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if let Some(bar) = &self.bar {
            if self.total.is_some_and(|total| done > total) {
                bar.set_length(done);
            }
            bar.inc(bytes);
        }
        if let Some(writer) = &self.writer {
            self.tell(writer);
        }
    }

    /// So many rows more are done. Only records tell it.
    pub fn add_rows(&self, rows: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
    }

    /// The phase is over.
    pub fn finish(self) {}

    fn tell(&self, writer: &Writer) {
        let elapsed = self.begun.elapsed();
        let now = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let due = self.due.load(Ordering::Relaxed);
        let next = now.saturating_add(PAUSE);
        if now < due || self.due.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return;
        }
        writer.emit(&Progress {
            phase: self.phase.to_owned(),
            bytes_done: self.bytes.load(Ordering::Relaxed),
            bytes_total: self.total,
            rows_done: self.rows.load(Ordering::Relaxed),
            seconds: elapsed.as_secs_f64(),
        });
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(bounded: bool) -> ProgressStyle {
    let template = if bounded {
        "{msg} [{bar:30}] {done} of {all}, {rate}, {eta} left"
    } else {
        "{msg} {spinner} {done}, {rate}, {elapsed}"
    };
    // Bytes read here as they do in the tables.
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("done", |state: &ProgressState, out: &mut dyn Write| put(out, &human::bytes(state.pos())))
        .with_key("all", |state: &ProgressState, out: &mut dyn Write| {
            put(out, &human::bytes(state.len().unwrap_or_default()));
        })
        .with_key("rate", |state: &ProgressState, out: &mut dyn Write| put(out, &rate(state)))
        .progress_chars("=> ")
}

fn rate(state: &ProgressState) -> String {
    let milliseconds = state.elapsed().as_millis().max(1);
    let rate = u128::from(state.pos()) * 1000 / milliseconds;
    format!("{}/s", human::bytes(u64::try_from(rate).unwrap_or(u64::MAX)))
}

fn put(out: &mut dyn Write, text: &str) {
    // A bar that cannot be drawn is no reason to stop.
    let _ = out.write_str(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{Format, Look};
    use std::sync::Mutex;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            std::io::Write::write(&mut *self.0.lock().unwrap(), bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_record_is_written_when_it_is_due_and_not_before() {
        let kept = Kept::default();
        let writer = Writer::new("tool", Format::Jsonl, Look::default(), Box::new(kept.clone()), |_| {});
        let meter = Meter::new("copy", Some(10), None, Some(Arc::new(writer)));
        meter.due.store(u64::MAX, Ordering::Relaxed);
        meter.add_rows(2);
        meter.add(3);
        assert!(kept.0.lock().unwrap().is_empty(), "it is not due");
        meter.due.store(0, Ordering::Relaxed);
        meter.add(4);
        assert!(meter.due.load(Ordering::Relaxed) >= PAUSE, "the next one waits");
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let fields = r#""phase":"copy","bytes_done":7,"bytes_total":10,"rows_done":2,"#;
        assert!(text.contains(fields) && text.lines().count() == 1, "{text}");
    }
}
