//! `-- atlas:delimiter`: statements that something else than a semicolon ends.

use crate::source::directory::File;
use crate::source::{Script, text};
use common::error::{Error, Result};

/// Takes the delimiters out of `script` and says what stands between them. Everything keeps its place.
pub(super) fn cut(file: &File, mut script: Script, delimiter: &str) -> Result<Script> {
    let delimiter = delimiter.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t");
    if delimiter.is_empty() {
        let message = format!("{}: atlas:delimiter says none", file.path.display());
        return Err(Error::failed("directive", message));
    }
    let head = text::lines(&script.text).take_while(|line| line.comment().is_some()).last();
    let mut start = head.map_or(0, |line| line.at.end);
    let mut single = Vec::new();
    while let Some(length) = find(script.text.get(start..).unwrap_or_default(), delimiter.as_bytes()) {
        let end = start + length;
        single.push(start..end);
        text::blank(&mut script.text, end..end + delimiter.len());
        start = end + delimiter.len();
    }
    single.push(start..script.text.len());
    let said = |at: &std::ops::Range<usize>| {
        let text = script.text.get(at.clone()).unwrap_or_default();
        !text::lines(text).all(|line| line.is_idle())
    };
    single.retain(said);
    script.single = single;
    Ok(script)
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}
