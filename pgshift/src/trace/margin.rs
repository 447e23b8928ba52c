//! How much an estimate has on top of what was measured.

use std::str::FromStr;

/// A share of what was measured: 0.2 is a fifth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Margin(pub(super) f64);

impl FromStr for Margin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>();
        let percent = number.ok().filter(|percent| percent.is_finite() && *percent >= 0.0);
        percent
            .map(|percent| Self(percent / 100.0))
            .ok_or_else(|| "it is a percentage, such as 20%".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_margin_is_a_percentage() {
        assert_eq!("20%".parse(), Ok(Margin(0.2)));
        assert_eq!("50".parse(), Ok(Margin(0.5)));
        for wrong in ["-1%", "NaN", "much", ""] {
            assert!(wrong.parse::<Margin>().is_err(), "{wrong}");
        }
    }
}
