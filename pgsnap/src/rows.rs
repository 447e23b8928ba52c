//! One row of COPY text as CSV or JSON.
//!
//! Format: <https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS>

use common::error::{Error, Result};
use common::format::copy_text::{self, Charset};
use common::format::manifest::{Column, Table};

/// The head of a CSV file.
pub(crate) fn header(table: &Table) -> Vec<u8> {
    let mut head = Vec::new();
    for (index, column) in table.columns.iter().enumerate() {
        if index > 0 {
            head.push(b',');
        }
        csv_field(&column.name, &mut head);
    }
    head.push(b'\n');
    head
}

/// A row as CSV: NULL is an empty field, an empty string is quoted, as COPY's own CSV has it. How many of its values have no
/// exact spelling in UTF-8.
pub(crate) fn csv_line(row: &[u8], table: &Table, charset: Charset, out: &mut Vec<u8>) -> Result<u64> {
    let mut inexact = 0;
    for (index, field) in fields(row, table)?.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        if let Some(bytes) = field {
            let text = charset.text(&bytes);
            inexact += u64::from(text.contains('\u{FFFD}') && !charset.is_exact(&bytes));
            csv_field(&text, out);
        }
    }
    out.push(b'\n');
    Ok(inexact)
}

fn csv_field(text: &str, out: &mut Vec<u8>) {
    let plain = !text.is_empty()
        && text != "\\."
        && !text.starts_with([' ', '#'])
        && !text.ends_with(' ')
        && !text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'));
    if plain {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// A row as a JSON object: numbers, booleans and JSON as such, everything else as a string.
pub(crate) fn json_line(row: &[u8], table: &Table, charset: Charset, out: &mut Vec<u8>) -> Result<()> {
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
    let fields: Vec<_> = copy_text::fields(row).collect();
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
        let mut line = Vec::new();
        assert_eq!(csv_line(b"1\t\\\\.\t \t\xe9,\n", &table(), Charset::Utf8, &mut line).unwrap(), 1);
        assert_eq!(String::from_utf8(line).unwrap(), "1,\"\\.\",\" \",\"\u{FFFD},\"\n");
        assert_eq!(
            csv_line(b"1\t\xef\xbf\xbd\t1\tf\n", &table(), Charset::Utf8, &mut Vec::new()).unwrap(),
            0
        );
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
