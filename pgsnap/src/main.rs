//! pgsnap.
fn main() {}
