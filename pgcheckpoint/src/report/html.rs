//! Pieces of HTML. What comes from records goes through [`escape`], always.

use common::cli::human;

/// Text that may stand anywhere in a page.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in human::plain(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A section with a heading.
pub(super) fn section(heading: &str, content: &str) -> String {
    format!("<section>\n<h2>{}</h2>\n{content}</section>\n", escape(heading))
}

/// A word with the colour of its meaning.
pub(super) fn badge(word: &str) -> String {
    let tone = match word {
        "ok" | "proved" | "passed" | "better" | "gone" | "applied" => "good",
        "warn" | "unknown" | "new" | "lost" | "refused" | "interrupted" => "warn",
        "crit" | "no" | "error" | "failed" | "worse" | "differs" => "bad",
        _ => "quiet",
    };
    format!("<span class=\"badge {tone}\">{}</span>", escape(word))
}

/// A table: headings, and rows of cells that are HTML already. On a phone each cell says which column it is of.
pub(super) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let head = joined(headings, |heading| format!("<th>{}</th>", escape(heading)));
    let body = joined(rows, |row| {
        let cells: Vec<_> = row.iter().zip(headings).collect();
        let cells =
            joined(&cells, |(cell, heading)| format!("<td data-of=\"{}\">{cell}</td>", escape(heading)));
        format!("<tr>{cells}</tr>\n")
    });
    format!("<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n")
}

/// Numbers with their names, as tiles.
pub(super) fn tiles(tiles: &[(&str, String)]) -> String {
    let tiles = joined(tiles, |(name, value)| {
        format!("<div class=\"tile\"><b>{}</b><span>{}</span></div>", escape(value), escape(name))
    });
    format!("<div class=\"tiles\">{tiles}</div>\n")
}

/// What `piece` makes of each, one behind the other.
pub(super) fn joined<T>(all: &[T], piece: impl Fn(&T) -> String) -> String {
    all.iter().map(piece).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_a_record_says_cannot_become_a_part_of_the_page() {
        assert_eq!(super::escape("<b a='1'>&\"\u{202e}"), "&lt;b a=&#39;1&#39;&gt;&amp;&quot;\\u{202e}");
    }
}
