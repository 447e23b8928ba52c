//! Facts out of a file that `pgshift stats` wrote.

use super::Facts;
use super::take::Stats;
use crate::records::{ColumnStats, ConstraintStats, DatabaseStats, IndexStats, RelationStats, ViewStats};
use common::error::{Context as _, Error, Result};
use common::records::{RESULT, Reader, Record as _};
use serde::Deserialize;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// As much of the result as matters here.
#[derive(Deserialize)]
struct Ended {
    exit_code: u8,
}

/// Reads what `pgshift stats` wrote; a file that it did not finish is refused.
pub(crate) fn load(path: &Path) -> Result<Facts> {
    let shown = path.display();
    let file = File::open(path).context(|| format!("cannot read {shown}"))?;
    let mut stats = Stats::default();
    let (mut whole, mut named) = (false, false);
    for line in Reader::new(BufReader::new(file)) {
        let line = line.context(|| format!("cannot read {shown}"))?;
        match line.envelope().r#type.as_str() {
            _ if line.envelope().tool != "pgshift" => {}
            DatabaseStats::TYPE => (stats.database, named) = (line.decode()?, true),
            RelationStats::TYPE => stats.relations.push(line.decode()?),
            ColumnStats::TYPE => stats.columns.push(line.decode()?),
            ConstraintStats::TYPE => stats.constraints.push(line.decode()?),
            IndexStats::TYPE => stats.indexes.push(line.decode()?),
            ViewStats::TYPE => stats.views.push(line.decode()?),
            RESULT => whole = line.decode::<Ended>()?.exit_code == 0,
            _ => {}
        }
    }
    if whole && named {
        return Ok(stats.into());
    }
    let error = Error::refused("bad_stats", format!("{shown} is not the whole output of `pgshift stats`"));
    Err(error.hint("pgshift stats -d … --format jsonl > stats.jsonl"))
}
