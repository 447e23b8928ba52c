//! What the pgrunbook tools share. The tools are joined by pipes and by this crate, never by each other.

pub mod assertions;
pub mod cli;
pub mod dump;
pub mod error;
pub mod format;
pub mod inventory;
pub mod name;
pub mod pg;
pub mod pipeline;
pub mod proof;
pub mod records;
pub mod sandbox;
pub mod seal;
pub mod sql;
pub mod store;
pub mod throttle;
pub mod workers;

use error::Result;
use std::fmt::Write as _;

/// `N` random bytes of the operating system in hexadecimal digits.
pub fn random_hex<const N: usize>() -> Result<String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        error::Error::failed("random", "the system gives no random numbers").cause(error.to_string())
    })?;
    Ok(bytes.iter().fold(String::with_capacity(2 * N), |mut digits, byte| {
        // Writing to a string does not fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    }))
}
