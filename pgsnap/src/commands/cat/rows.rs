//! One row of COPY text as CSV or JSON.
//!
//! Format: <https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS>

use common::error::{Error, Result};
use common::format::copy_text::{self, Charset};
use common::format::manifest::{Column, Table};

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
