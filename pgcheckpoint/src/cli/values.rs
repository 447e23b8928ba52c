//! Values as people write them.

use crate::catalogue::Unit;

/// A share, also written `20%`.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let value = Unit::Ratio.parse(text).filter(|share| *share >= 0.0);
    value.ok_or_else(|| "it is a number or a percentage, such as 20%".to_owned())
}

/// A check and what is said of it.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((check, value)) if !check.is_empty() => Ok((check.to_owned(), value.to_owned())),
        _ => Err("it is CHECK=VALUE, such as connections.used=60%".to_owned()),
    }
}
