//! The file, out of whatever it is wrapped in. Damage and a missing end are errors, never a shorter file.

use crate::error::{Class, Context as _, Error, Result};
use lz4_flex::frame::FrameDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How much is looked at before it is decided what a file is.
const HEAD: usize = 64 << 10;

/// What a file is wrapped in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrapping {
    Nothing,
    Gzip,
    Zstd,
    Lz4,
}

/// A file about to be read.
pub(super) struct Input {
    /// Its beginning, unwrapped.
    pub(super) head: Vec<u8>,
    /// Bytes of the file, 0 when it is a pipe.
    pub(super) bytes: u64,
    /// It can be opened again by its name, and read anywhere.
    pub(super) seekable: bool,
    rest: Box<dyn Read>,
    damage: Damage,
}

/// Whether what was read was found damaged, or the system failed.
#[derive(Clone, Default)]
pub(super) struct Damage(Arc<AtomicBool>);

impl Damage {
    /// An error of reading is a "no" when it is the file's own fault.
    pub(super) fn judge(&self, error: Error) -> Error {
        if self.0.load(Ordering::Relaxed) { error.class_is(Class::No).code_is("damaged") } else { error }
    }
}

impl Input {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let cannot = || format!("cannot read {}", path.display());
        let wrong = |error: Error| error.class_is(Class::Usage);
        let file = File::open(path).context(cannot).map_err(wrong)?;
        let metadata = file.metadata().context(cannot)?;
        let mut file = BufReader::with_capacity(HEAD, file);
        let start = file.fill_buf().context(cannot)?;
        let wrapping = wrapping(start);
        let damage = Damage::default();
        let unwrapped: Box<dyn Read> = match wrapping {
            Wrapping::Nothing => Box::new(file),
            Wrapping::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
            Wrapping::Zstd => Box::new(
                zstd::Decoder::with_buffer(file).context(|| "cannot begin to unwrap zstd".to_owned())?,
            ),
            Wrapping::Lz4 => Box::new(Frames::new(file)),
        };
        let mut rest = Watched { inner: unwrapped, damage: damage.clone() };
        let mut head = Vec::new();
        let read = rest.by_ref().take(HEAD as u64).read_to_end(&mut head);
        read.context(cannot).map_err(|error| damage.judge(error))?;
        Ok(Self {
            head,
            bytes: metadata.len(),
            seekable: metadata.is_file() && wrapping == Wrapping::Nothing,
            rest: Box::new(rest),
            damage,
        })
    }

    /// All of it, from the beginning.
    pub(super) fn reader(self) -> (impl BufRead, Damage) {
        (BufReader::with_capacity(256 << 10, Cursor::new(self.head).chain(self.rest)), self.damage)
    }
}

fn wrapping(start: &[u8]) -> Wrapping {
    match start {
        [0x1F, 0x8B, ..] => Wrapping::Gzip,
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Wrapping::Zstd,
        [0x04, 0x22, 0x4D, 0x18, ..] => Wrapping::Lz4,
        _ => Wrapping::Nothing,
    }
}

/// Notes when what is read is damaged.
struct Watched {
    inner: Box<dyn Read>,
    damage: Damage,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).inspect_err(|error| {
            // What the system says has a number; what a decoder says of its input has none.
            if error.raw_os_error().is_none() && error.kind() != io::ErrorKind::Interrupted {
                self.damage.0.store(true, Ordering::Relaxed);
            }
        })
    }
}

/// LZ4 frames one after another.
///
/// The decoder takes the end of the file for the end of a frame. A whole frame never lets it see that: its end mark
/// comes before.
struct Frames<R: BufRead> {
    decoder: Option<FrameDecoder<Ending<R>>>,
}

/// Notes whether its end was seen.
struct Ending<R> {
    inner: R,
    seen: bool,
}

impl<R: Read> Read for Ending<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.seen |= read == 0 && !buffer.is_empty();
        Ok(read)
    }
}

impl<R: BufRead> Frames<R> {
    fn new(input: R) -> Self {
        Self { decoder: Some(FrameDecoder::new(Ending { inner: input, seen: false })) }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(decoder) = &mut self.decoder else { return Ok(0) };
            let read = decoder.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            // The frame has ended; the next one has a decoder of its own.
            let Some(mut input) = self.decoder.take().map(FrameDecoder::into_inner) else { return Ok(0) };
            if input.seen {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the lz4 frame has no end"));
            }
            if !input.inner.fill_buf()?.is_empty() {
                self.decoder = Some(FrameDecoder::new(input));
            }
        }
    }
}
