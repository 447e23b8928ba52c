//! The names of sealed blocks: equal bytes get equal names on a host that has the key, and tell nobody else anything.

use crate::error::{Error, Result};
use crate::format::id::BlockId;

/// A key that names blocks. It can read none.
#[derive(Clone)]
pub struct Names([u8; 32]);

impl Names {
    /// A new one.
    pub fn generate() -> Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| {
            Error::failed("random", "the system gives no random numbers").cause(error.to_string())
        })?;
        Ok(Self(bytes))
    }

    /// The name of a block that would be called `plain` if it were not sealed.
    pub fn name(&self, plain: BlockId) -> BlockId {
        BlockId::from(*blake3::keyed_hash(&self.0, plain.as_bytes()).as_bytes())
    }

    /// What stands for a word, and tells it from others: 16 hexadecimal digits, none for none.
    pub fn hide(&self, word: &str) -> String {
        if word.is_empty() {
            return String::new();
        }
        self.name(BlockId::of(word.as_bytes())).to_string()[..16].to_owned()
    }

    /// What tells this key from others, and nothing of it: 16 hexadecimal digits.
    pub fn id(&self) -> String {
        let id = blake3::derive_key("pgrunbook 2026 which key names the blocks of a store", &self.0);
        BlockId::from(id).to_string()[..16].to_owned()
    }

    /// The key as 64 hexadecimal digits.
    pub fn to_text(&self) -> String {
        BlockId::from(self.0).to_string()
    }

    /// The key that [`Self::to_text`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<BlockId>().ok().map(|bytes| Self(*bytes.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_depends_on_the_key_and_survives_its_text() {
        let (one, other) = (Names([1; 32]), Names([2; 32]));
        let plain = BlockId::of(b"rows");
        assert_eq!(Names::parse(&one.to_text()).unwrap().name(plain), one.name(plain));
        assert_ne!(one.name(plain), other.name(plain));
        assert_ne!(one.name(plain), plain);
        assert_ne!(one.id(), other.id());
        assert!(!one.to_text().contains(&one.id()));
    }
}
