//! A stream of the four tools' records as one page: self-contained, readable on a phone, printable, without a network.
//!
//! Knows records by their names and fields only, as any reader of the stream: what it does not know, it leaves out.

mod html;
mod sections;
mod story;
mod timeline;

use html::escape;
use serde_json::Value;
use story::Story;

const STYLE: &str = include_str!("style.css");

/// The page.
pub(crate) fn page(lines: &[Value]) -> String {
    let story = Story::of(lines);
    let body = [
        sections::headline(&story),
        timeline::section(&story),
        sections::proof(&story),
        sections::migrations(&story),
        sections::troubles(&story),
        sections::changes(&story),
        sections::checks(&story),
        sections::foot(&story),
    ];
    let title = escape(&story.title());
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<main>\n{}</main>\n</body>\n</html>\n",
        body.concat()
    )
}
