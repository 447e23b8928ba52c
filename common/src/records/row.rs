//! How a record looks to a person: cells under column headings. Says what is shown, not how.

/// What a status means to the reader; a terminal shows it as a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Worth a look.
    Warn,
    /// Not as it should be.
    Bad,
    /// Nothing was found out, or nothing needed doing.
    Quiet,
}

/// One value under a heading.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// As it is; control characters are shown escaped.
    Text(String),
    /// With thousands separators, right aligned.
    Count(u64),
    /// As `pg_size_pretty` shows it, right aligned.
    Bytes(u64),
    /// A duration, right aligned.
    Seconds(f64),
    /// A word with a meaning.
    Status(String, Tone),
    /// Nothing to show.
    Empty,
}

impl Cell {
    /// Text, from anything that has a text form.
    pub fn text(value: &(impl ToString + ?Sized)) -> Self {
        Self::Text(value.to_string())
    }

    /// The cell of a value that may be absent.
    pub fn maybe<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Empty, cell)
    }

    /// Whether it lines up at its right end.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Count(_) | Self::Bytes(_) | Self::Seconds(_))
    }
}

/// Headings and their cells, in the order in which they are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row(pub Vec<(&'static str, Cell)>);

impl Row {
    /// Adds a column.
    #[must_use]
    pub fn with(mut self, heading: &'static str, cell: Cell) -> Self {
        self.0.push((heading, cell));
        self
    }
}
