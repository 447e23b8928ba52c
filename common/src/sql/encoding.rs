//! How wide a character is, as far as it matters for cutting: in some encodings a quote or a backslash may be the
//! second half of a character.

/// The encodings in which a byte below 0x80 may be part of a longer character, and all others.
///
/// The server has such encodings for clients only, and turns the text into one of its own before it reads it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Every byte below 0x80 is an ASCII character.
    #[default]
    Plain,
    /// `SJIS`, `SHIFT_JIS_2004`: one or two bytes.
    Sjis,
    /// `BIG5`, `GBK`, `UHC`, `JOHAB`: one or two bytes.
    Double,
    /// `GB18030`: one, two or four bytes.
    Gb18030,
}

impl Encoding {
    /// The encoding that `client_encoding` names; aliases and case are the server's.
    pub fn named(name: &str) -> Self {
        let plain = |character: &char| character.is_ascii_alphanumeric();
        let name: String =
            name.chars().filter(plain).map(|character| character.to_ascii_lowercase()).collect();
        match name.as_str() {
            "sjis" | "shiftjis" | "mskanji" | "win932" | "windows932" | "shiftjis2004" => Self::Sjis,
            "big5" | "win950" | "windows950" | "gbk" | "win936" | "windows936" | "uhc" | "win949"
            | "windows949" | "johab" => Self::Double,
            "gb18030" => Self::Gb18030,
            _ => Self::Plain,
        }
    }

    /// How many bytes the character at the head of `text` has; `None` when the text ends before that is clear.
    pub(super) fn width(self, text: &[u8]) -> Option<usize> {
        let first = *text.first()?;
        let wide = match self {
            Self::Plain => false,
            Self::Sjis => matches!(first, 0x81..=0x9F | 0xE0..=0xFC),
            Self::Double | Self::Gb18030 => first >= 0x80,
        };
        match (wide, self) {
            (false, _) => Some(1),
            (true, Self::Gb18030) => text.get(1).map(|second| if second.is_ascii_digit() { 4 } else { 2 }),
            (true, _) => Some(2),
        }
    }
}
