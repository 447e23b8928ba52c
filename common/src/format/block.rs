//! Cuts a stream of rows into blocks, by content, and joins them again (by putting one behind another).
//!
//! A block holds whole rows. Where it ends depends only on the rows since the last end, so rows that have not
//! changed give the same blocks tomorrow: sharing between snapshots rests on that.

use super::fingerprint::RowHash;

/// A block is never cut below this many bytes (unless the rows end).
pub const FLOOR: usize = 512 << 10;
/// Beyond the floor, a block ends on average after so many bytes more.
pub const SPREAD: u64 = 1 << 20;
/// A block is cut at the first row that reaches this many bytes.
pub const CEILING: usize = 2 << 20;

/// Gathers rows until a block is full.
#[derive(Debug, Default)]
pub struct Cutter {
    bytes: Vec<u8>,
    rows: u64,
}

impl Cutter {
    /// Takes one row with its newline; `true` when the block ends behind it.
    pub fn push(&mut self, row: &[u8], hash: RowHash) -> bool {
        self.bytes.extend_from_slice(row);
        self.rows += 1;
        self.bytes.len() >= CEILING || (self.bytes.len() >= FLOOR && ends(row.len(), hash))
    }

    /// The rows gathered so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The bytes gathered so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Begins the next block. A buffer that one huge row blew up is given back.
    pub fn clear(&mut self) {
        self.rows = 0;
        self.bytes.clear();
        self.bytes.shrink_to(4 * CEILING);
    }
}

/// A row ends its block with a chance that is proportional to its length, so that wide and narrow tables get
/// blocks of the same size.
fn ends(row_bytes: usize, hash: RowHash) -> bool {
    hash.low() < (u64::MAX / SPREAD).saturating_mul(row_bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(rows: impl Iterator<Item = u32>) -> Vec<Vec<u8>> {
        let mut cutter = Cutter::default();
        let mut blocks = Vec::new();
        for number in rows {
            let row = format!("{number}\t{}\n", "x".repeat(90));
            if cutter.push(row.as_bytes(), RowHash::of(row.as_bytes())) {
                blocks.push(cutter.bytes().to_vec());
                cutter.clear();
            }
        }
        blocks.push(cutter.bytes().to_vec());
        blocks
    }

    #[test]
    fn blocks_keep_to_floor_and_ceiling_and_join_to_what_was_cut() {
        let cut = blocks(0..200_000);
        let (_, whole) = cut.split_last().unwrap();
        assert!(whole.iter().all(|block| (FLOOR..CEILING + 100).contains(&block.len())));
        assert!(whole.len() > 4, "{}", whole.len());
        let joined: Vec<u8> = cut.concat();
        assert_eq!(joined.split(|&byte| byte == b'\n').count(), 200_001);
    }

    #[test]
    fn a_row_lost_in_the_middle_leaves_most_blocks_as_they_were() {
        let before = blocks(0..200_000);
        let after = blocks((0..200_000).filter(|&number| number != 100_000));
        let shared = after.iter().filter(|block| before.contains(block)).count();
        assert!(shared + 3 >= before.len(), "{shared} of {}", before.len());
    }
}
