//! Records as a person sees them: aligned lines as they come, tables of what is all known, a summary at the end.

use super::human;
use super::row::{Cell, Row, Tone};
use comfy_table::{CellAlignment, ContentArrangement, presets};

/// What the terminal can show.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Whether colours may be used.
    pub colour: bool,
    /// How many characters a line has; `None` when that is not known.
    pub width: Option<u16>,
}

/// The columns of the lines that were shown last.
pub(super) struct Columns {
    look: Look,
    kind: &'static str,
    widths: Vec<(&'static str, usize)>,
    any: bool,
}

impl Columns {
    pub(super) fn new(look: Look) -> Self {
        Self { look, kind: "", widths: Vec::new(), any: false }
    }

    /// One line for `row`, with a heading before it when what is shown changes.
    pub(super) fn show(&mut self, kind: &'static str, row: &Row) -> String {
        let same =
            self.widths.iter().map(|(heading, _)| *heading).eq(row.0.iter().map(|(heading, _)| *heading));
        let mut text = String::new();
        if self.kind != kind || !same {
            self.kind = kind;
            self.widths = row.0.iter().map(|(heading, cell)| (*heading, width_of(heading, cell))).collect();
            let cells = row.0.iter().map(|(heading, cell)| (heading.to_uppercase(), cell.is_number(), None));
            text.push_str(if self.any { "\n" } else { "" });
            text.push_str(&self.align(cells));
        }
        self.any = true;
        let cells = row.0.iter().map(|(_, cell)| (shown(cell), cell.is_number(), tone(cell)));
        text + &self.align(cells)
    }

    /// A table of `rows`, each column as wide as it needs.
    pub(super) fn collected(&mut self, rows: &[Row]) -> String {
        let Some(first) = rows.first() else { return String::new() };
        self.kind = "";
        let mut table = comfy_table::Table::new();
        table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        match self.look.width {
            Some(width) => table.set_width(width),
            None => table.set_content_arrangement(ContentArrangement::Disabled),
        };
        if self.look.colour {
            table.enforce_styling()
        } else {
            table.force_no_tty()
        };
        table.set_header(first.0.iter().map(|(heading, _)| heading.to_uppercase()));
        for row in rows {
            table.add_row(row.0.iter().map(|(_, cell)| {
                let shown = comfy_table::Cell::new(shown(cell));
                match tone(cell).filter(|_| self.look.colour) {
                    Some(Tone::Good) => shown.fg(comfy_table::Color::Green),
                    Some(Tone::Warn) => shown.fg(comfy_table::Color::Yellow),
                    Some(Tone::Bad) => shown.fg(comfy_table::Color::Red),
                    Some(Tone::Quiet) | None => shown,
                }
            }));
        }
        for (index, (_, cell)) in first.0.iter().enumerate() {
            if let Some(column) = table.column_mut(index) {
                column.set_padding((0, 2));
                if cell.is_number() {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
        let separated = if self.any { "\n" } else { "" };
        self.any = true;
        table.lines().fold(separated.to_owned(), |text, line| text + line.trim_end() + "\n")
    }

    /// The result: one heading and its value a line.
    pub(super) fn summary(&self, row: &Row) -> String {
        let shown: Vec<_> = row.0.iter().filter(|(_, cell)| *cell != Cell::Empty).collect();
        let width = shown.iter().map(|(heading, _)| heading.chars().count()).max().unwrap_or_default();
        let mut text = if self.any { "\n".to_owned() } else { String::new() };
        for (heading, cell) in shown {
            let value = paint(&self::shown(cell), tone(cell), self.look.colour);
            text = text + &format!("{heading:<width$}  {value}") + "\n";
        }
        text
    }

    /// Joins cells to a line. One that is too wide takes room from those after it, so that later columns still line up.
    fn align(&self, cells: impl Iterator<Item = (String, bool, Option<Tone>)>) -> String {
        let (mut line, mut at, mut column) = (String::new(), 0, 0);
        for ((text, right, tone), (_, width)) in cells.zip(&self.widths) {
            let length = text.chars().count();
            let start = if right { (column + width).saturating_sub(length) } else { column };
            let gap = if at == 0 { start } else { start.saturating_sub(at).max(2) };
            line.push_str(&" ".repeat(gap));
            line.push_str(&paint(&text, tone, self.look.colour));
            at += gap + length;
            column += width + 2;
        }
        format!("{}\n", line.trim_end())
    }
}

/// A column's width before all of its values are known: its heading, its first value, what such values usually need.
fn width_of(heading: &str, cell: &Cell) -> usize {
    let usual = match cell {
        Cell::Text(_) => 24,
        Cell::Count(_) => 13,
        Cell::Bytes(_) => 9,
        Cell::Seconds(_) | Cell::Status(..) => 10,
        Cell::Empty => 0,
    };
    heading.chars().count().max(shown(cell).chars().count()).max(usual)
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) | Cell::Status(text, _) => human::plain(text),
        Cell::Count(count) => human::count(*count),
        Cell::Bytes(bytes) => human::bytes(*bytes),
        Cell::Seconds(seconds) => human::seconds(*seconds),
        Cell::Empty => String::new(),
    }
}

fn tone(cell: &Cell) -> Option<Tone> {
    match cell {
        Cell::Status(_, tone) => Some(*tone),
        _ => None,
    }
}

fn paint(text: &str, tone: Option<Tone>, colour: bool) -> String {
    let code = match tone.filter(|_| colour) {
        Some(Tone::Good) => "32",
        Some(Tone::Warn) => "33",
        Some(Tone::Bad) => "31",
        Some(Tone::Quiet) => "2",
        None => return text.to_owned(),
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}
