//! Lines of CSV (RFC 4180, with `\n`): NULL is an empty field, an empty text is quoted, as COPY's own CSV has it.

/// A field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CsvField {
    /// Nothing.
    Null,
    /// Text.
    Text(String),
}

/// One line.
pub(super) fn line(fields: &[CsvField]) -> String {
    let mut line = String::new();
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        match field {
            CsvField::Null => {}
            CsvField::Text(text) if text.is_empty() || text.contains([',', '"', '\n', '\r']) => {
                line.push('"');
                line.push_str(&text.replace('"', "\"\""));
                line.push('"');
            }
            CsvField::Text(text) => line.push_str(text),
        }
    }
    line.push('\n');
    line
}

/// The head.
pub(super) fn head(columns: &[&str]) -> String {
    line(&columns.iter().map(|column| CsvField::Text((*column).to_owned())).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_and_empty_text_are_told_apart() {
        let fields =
            ["", "plain", "a,b", "say \"hi\"", "two\nlines"].map(|text| CsvField::Text(text.to_owned()));
        let text = line(&[&[CsvField::Null], &fields[..]].concat());
        assert_eq!(text, ",\"\",plain,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\n");
    }
}
