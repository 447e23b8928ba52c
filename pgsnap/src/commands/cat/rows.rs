//! One row of COPY text as CSV or JSON.
//!
//! Format: <https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS>

use common::error::{Error, Result};
use common::format::manifest::{Column, Table};
use encoding_rs::Encoding;
use std::borrow::Cow;

/// How a database's bytes become Unicode.
#[derive(Clone, Copy)]
pub(super) enum Charset {
    /// They are UTF-8, or nobody knows: what is not UTF-8 becomes U+FFFD.
    Utf8,
    /// As Unicode's first 256 characters.
    Latin1,
    /// Another encoding.
    Other(&'static Encoding),
}

impl Charset {
    /// The character set of a server encoding.
    pub(super) fn of(encoding: &str) -> Result<Self> {
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
            Error::failed("encoding", format!("rows of encoding {encoding} can't be shown as CSV or JSON"))
                .hint("`--as text` prints them as they are stored")
        })
    }

    fn text(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes),
            Self::Latin1 => bytes.iter().map(|&byte| char::from(byte)).collect::<String>().into(),
            Self::Other(encoding) => encoding.decode_without_bom_handling(bytes).0,
        }
    }
}

/// The head of a CSV file.
pub(super) fn header(table: &Table) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    record(table.columns.iter().map(|column| Some(column.name.as_bytes().to_vec())), &mut head)?;
    Ok(head)
}

/// A row as CSV: NULL is an empty field, an empty string is quoted, as COPY's own CSV has it.
pub(super) fn csv_line(row: &[u8], table: &Table, charset: Charset, out: &mut Vec<u8>) -> Result<()> {
    let fields = fields(row, table)?;
    record(
        fields.into_iter().map(|field| field.map(|bytes| charset.text(&bytes).into_owned().into_bytes())),
        out,
    )
}

fn record(fields: impl Iterator<Item = Option<Vec<u8>>>, out: &mut Vec<u8>) -> Result<()> {
    for (index, field) in fields.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        match field {
            None => {}
            Some(field) if field.is_empty() => out.extend_from_slice(b"\"\""),
            Some(field) => {
                let mut writer =
                    csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
                let failed = |error: String| Error::failed("csv", "cannot write a field as CSV").cause(error);
                writer.write_record([&field]).map_err(|error| failed(error.to_string()))?;
                let written = writer.into_inner().map_err(|error| failed(error.to_string()))?;
                out.extend_from_slice(written.strip_suffix(b"\n").unwrap_or(&written));
            }
        }
    }
    out.push(b'\n');
    Ok(())
}

/// A row as a JSON object: numbers, booleans and JSON as such, everything else as a string.
pub(super) fn json_line(row: &[u8], table: &Table, charset: Charset, out: &mut Vec<u8>) -> Result<()> {
    out.push(b'{');
    for (index, (column, field)) in table.columns.iter().zip(fields(row, table)?).enumerate() {
        if index > 0 {
            out.push(b',');
        }
        string(&column.name, out);
        out.push(b':');
        match field {
            None => out.extend_from_slice(b"null"),
            Some(bytes) => value(column, &charset.text(&bytes), out),
        }
    }
    out.extend_from_slice(b"}\n");
    Ok(())
}

fn value(column: &Column, text: &str, out: &mut Vec<u8>) {
    let base = column.type_name.split('(').next().unwrap_or_default();
    match base {
        "smallint" | "integer" | "bigint" | "oid" | "numeric" | "real" | "double precision"
            if text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) =>
        {
            out.extend_from_slice(text.as_bytes());
        }
        "boolean" => out.extend_from_slice(if text == "t" { b"true" } else { b"false" }),
        // Verbatim JSON may hold newlines, which would break the line.
        "json" | "jsonb" => {
            out.extend(text.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }));
        }
        _ => string(text, out),
    }
}

fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            control if u32::from(control) < 0x20 => {
                out.extend_from_slice(format!("\\u{:04x}", u32::from(control)).as_bytes());
            }
            other => out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

/// The fields of a row, without their escapes; `None` is NULL.
fn fields(row: &[u8], table: &Table) -> Result<Vec<Option<Vec<u8>>>> {
    let row = row.strip_suffix(b"\n").unwrap_or(row);
    if table.columns.is_empty() {
        return Ok(Vec::new());
    }
    let fields: Vec<_> =
        row.split(|&byte| byte == b'\t').map(|field| (field != b"\\N").then(|| unescape(field))).collect();
    if fields.len() == table.columns.len() {
        return Ok(fields);
    }
    let what = format!(
        "a row of table {} has {} fields, not {}",
        table.qualified(),
        fields.len(),
        table.columns.len()
    );
    Err(Error::failed("damaged", what))
}

fn unescape(field: &[u8]) -> Vec<u8> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let column = |name: &str, type_name: &str| Column { name: name.into(), type_name: type_name.into() };
        Table {
            columns: vec![
                column("id", "integer"),
                column("t", "text"),
                column("n", "numeric(10,2)"),
                column("b", "boolean"),
            ],
            ..Table::default()
        }
    }

    #[test]
    fn null_and_empty_newline_and_quote_are_told_apart() {
        let mut line = Vec::new();
        csv_line(b"1\ta\\nb \"c\"\t\\N\tt\n", &table(), Charset::Utf8, &mut line).unwrap();
        assert_eq!(String::from_utf8(line).unwrap(), "1,\"a\nb \"\"c\"\"\",,t\n");
        let mut line = Vec::new();
        csv_line(b"\\N\t\t1.50\tf\n", &table(), Charset::Utf8, &mut line).unwrap();
        assert_eq!(String::from_utf8(line).unwrap(), ",\"\",1.50,f\n");
    }

    #[test]
    fn json_keeps_numbers_and_tells_what_is_none() {
        let mut line = Vec::new();
        json_line(b"1\t\\\\x\\t\xe9\tNaN\tt\n", &table(), Charset::Latin1, &mut line).unwrap();
        assert_eq!(
            String::from_utf8(line).unwrap(),
            "{\"id\":1,\"t\":\"\\\\x\\té\",\"n\":\"NaN\",\"b\":true}\n"
        );
        assert!(json_line(b"1\t2\n", &table(), Charset::Utf8, &mut Vec::new()).is_err());
    }
}
