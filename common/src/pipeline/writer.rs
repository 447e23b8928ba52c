//! Rows in, blocks out: cuts, seals and puts.

use crate::error::Result;
use crate::format::block::Cutter;
use crate::format::fingerprint::RowHash;
use crate::format::frame::{Compression, Sealer};
use crate::format::manifest::BlockRef;
use crate::pipeline::observer::{Fact, Observer};
use crate::store::Draft;
use crate::throttle::Pace;

/// One worker's way into the store.
pub(super) struct BlockWriter<'a> {
    draft: &'a Draft<'a>,
    observer: &'a dyn Observer,
    stop: &'a (dyn Fn() -> bool + Sync),
    sealer: Sealer,
    cutter: Cutter,
    blocks: Vec<BlockRef>,
    pace: Option<Pace<'a>>,
}

impl<'a> BlockWriter<'a> {
    pub(super) fn new(
        draft: &'a Draft<'a>,
        compression: Compression,
        observer: &'a dyn Observer,
        stop: &'a (dyn Fn() -> bool + Sync),
    ) -> Result<Self> {
        let sealer = Sealer::new(compression)?;
        Ok(Self { draft, observer, stop, sealer, cutter: Cutter::default(), blocks: Vec::new(), pace: None })
    }

    /// Lets rows come no faster than this.
    pub(super) fn paced(self, pace: Option<Pace<'a>>) -> Self {
        Self { pace, ..self }
    }

    /// Waits until more may be read, behind a row of so many bytes.
    pub(super) fn read(&mut self, bytes: usize) -> Result<()> {
        self.pace.as_mut().map_or(Ok(()), |pace| pace.read(bytes))
    }

    /// Nothing more is read for now.
    pub(super) fn rest(&self) {
        if let Some(pace) = &self.pace {
            pace.rest();
        }
    }

    /// Takes one row with its newline.
    pub(super) fn push(&mut self, row: &[u8], hash: RowHash) -> Result<()> {
        self.read(row.len())?;
        if self.cutter.push(row, hash) {
            self.put()?;
        }
        Ok(())
    }

    /// Ends a segment; its blocks.
    pub(super) fn finish(&mut self) -> Result<Vec<BlockRef>> {
        if self.cutter.rows() > 0 {
            self.put()?;
        }
        Ok(std::mem::take(&mut self.blocks))
    }

    /// Forgets a segment that failed half-way; what was put stays for the next try.
    pub(super) fn abandon(&mut self) {
        self.cutter.clear();
        self.blocks.clear();
    }

    /// Puts bytes that are no rows, in pieces.
    pub(super) fn put_bytes(&mut self, bytes: &[u8]) -> Result<Vec<BlockRef>> {
        bytes
            .chunks(crate::format::block::CEILING)
            .map(|piece| self.draft.put(piece, &mut self.sealer))
            .collect()
    }

    fn put(&mut self) -> Result<()> {
        // A fast server never lets us wait, which is where else it is asked.
        if (self.stop)() {
            return Err(crate::pg::wire::stopped());
        }
        self.blocks.push(self.draft.put(self.cutter.bytes(), &mut self.sealer)?);
        self.observer.note(Fact::Advanced(self.cutter.bytes().len() as u64));
        self.cutter.clear();
        Ok(())
    }
}
