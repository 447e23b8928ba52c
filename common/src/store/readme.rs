//! The README that every store carries: how to restore without pgsnap.

pub(super) const TEXT: &str = include_str!("README.store.md");
