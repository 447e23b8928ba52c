//! Rows of COPY text taken apart, and the bytes of a database's encoding as text.
//!
//! Format: <https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS>

use crate::error::{Error, Result};
use encoding_rs::Encoding;
use std::borrow::Cow;

/// How a database's bytes become Unicode.
#[derive(Clone, Copy)]
pub enum Charset {
    /// They are UTF-8, or nobody knows: what is not UTF-8 becomes U+FFFD.
    Utf8,
    /// As Unicode's first 256 characters.
    Latin1,
    /// Another encoding.
    Other(&'static Encoding),
}

impl Charset {
    /// The character set of a server encoding.
    pub fn of(encoding: &str) -> Result<Self> {
        let label = match encoding {
            "UTF8" | "SQL_ASCII" => return Ok(Self::Utf8),
            "LATIN1" => return Ok(Self::Latin1),
            "LATIN2" => "iso-8859-2",
            "LATIN3" => "iso-8859-3",
            "LATIN4" => "iso-8859-4",
            "LATIN6" => "iso-8859-10",
            "LATIN7" => "iso-8859-13",
            "LATIN8" => "iso-8859-14",
            "LATIN9" => "iso-8859-15",
            "LATIN10" => "iso-8859-16",
            "ISO_8859_5" => "iso-8859-5",
            "ISO_8859_6" => "iso-8859-6",
            "ISO_8859_7" => "iso-8859-7",
            "ISO_8859_8" => "iso-8859-8",
            "KOI8R" => "koi8-r",
            "KOI8U" => "koi8-u",
            "WIN866" => "ibm866",
            "WIN874" => "windows-874",
            "WIN1250" => "windows-1250",
            "WIN1251" => "windows-1251",
            "WIN1252" => "windows-1252",
            "WIN1253" => "windows-1253",
            "WIN1254" => "windows-1254",
            "WIN1255" => "windows-1255",
            "WIN1256" => "windows-1256",
            "WIN1257" => "windows-1257",
            "WIN1258" => "windows-1258",
            "EUC_JP" => "euc-jp",
            "EUC_KR" => "euc-kr",
            "EUC_CN" => "gbk",
            _ => "",
        };
        Encoding::for_label(label.as_bytes()).map(Self::Other).ok_or_else(|| {
            Error::failed("encoding", format!("rows of encoding {encoding} cannot be shown as CSV or JSON"))
                .hint("`--as text` prints them as they are stored")
        })
    }

    /// The text of `bytes`; what has no meaning in the encoding becomes U+FFFD.
    pub fn text(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes),
            Self::Latin1 => bytes.iter().map(|&byte| char::from(byte)).collect::<String>().into(),
            Self::Other(encoding) => encoding.decode_without_bom_handling(bytes).0,
        }
    }

    /// Whether all of `bytes` has a meaning in the encoding.
    pub fn is_exact(self, bytes: &[u8]) -> bool {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).is_ok(),
            Self::Latin1 => true,
            Self::Other(encoding) => !encoding.decode_without_bom_handling(bytes).1,
        }
    }
}

/// The fields of a line without its newline, without their escapes; `None` is NULL.
pub fn fields(line: &[u8]) -> impl Iterator<Item = Option<Vec<u8>>> {
    line.split(|&byte| byte == b'\t').map(|field| (field != b"\\N").then(|| unescape(field)))
}

/// The bytes of a field without its escapes.
pub fn unescape(field: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(field.len());
    let mut bytes = field.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            plain.push(byte);
            continue;
        }
        // The server writes no numeric escapes.
        plain.extend(bytes.next().map(|escaped| match escaped {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            other => other,
        }));
    }
    plain
}
