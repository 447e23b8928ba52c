//! A file that is compressed while it is written: what other programs read, unlike the frames of a store.

use super::frame::{Codec, Compression};
use std::io::{self, Write};

/// Compresses what is written to it.
pub struct Squeezer<W: Write>(Kind<W>);

enum Kind<W: Write> {
    Plain(W),
    Gzip(flate2::write::GzEncoder<W>),
    Zstd(zstd::Encoder<'static, W>),
}

impl<W: Write> Squeezer<W> {
    /// One that writes to `out`.
    pub fn new(out: W, compression: Compression) -> io::Result<Self> {
        Ok(Self(match compression.codec {
            Codec::None => Kind::Plain(out),
            Codec::Gzip => {
                let level = flate2::Compression::new(u32::try_from(compression.level).unwrap_or(6));
                Kind::Gzip(flate2::write::GzEncoder::new(out, level))
            }
            Codec::Zstd => Kind::Zstd(zstd::Encoder::new(out, compression.level)?),
        }))
    }

    /// Ends it; what it wrote to.
    pub fn finish(self) -> io::Result<W> {
        match self.0 {
            Kind::Plain(out) => Ok(out),
            Kind::Gzip(encoder) => encoder.finish(),
            Kind::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Squeezer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Kind::Plain(out) => out.write(bytes),
            Kind::Gzip(encoder) => encoder.write(bytes),
            Kind::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Kind::Plain(out) => out.flush(),
            Kind::Gzip(encoder) => encoder.flush(),
            Kind::Zstd(encoder) => encoder.flush(),
        }
    }
}
