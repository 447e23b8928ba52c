//! What is known of a table's sums without reading it, and whether two sums are equal.

use super::pairs::Pair;
use super::sheet::Holding;
use super::side::Side;
use super::tables::Tables;
use common::format::fingerprint::Fingerprint;
use common::proof::read::Totals;

/// What a manifest says of a pair.
pub(crate) struct Known {
    /// Of side A.
    pub(crate) a: Option<Totals>,
    /// Of side B.
    pub(crate) b: Option<Totals>,
    /// Whether the columns that a snapshot does not hold can be proved by their sum.
    pub(crate) with_generated: bool,
}

impl Known {
    pub(crate) fn of(pair: &Pair<'_>, a: &Side, b: &Side) -> Self {
        let (a_known, b_known) = (known(pair, a, &pair.a), known(pair, b, &pair.b));
        let able = |side: &Side, parts: &[&Holding], known: &Option<Totals>| {
            let same =
                |part: &&Holding| part.table.generated.iter().map(|column| &column.name).eq(&pair.proved);
            side.live().is_some() || (known.is_some() && parts.iter().all(same))
        };
        let with_generated =
            !pair.proved.is_empty() && able(a, &pair.a, &a_known) && able(b, &pair.b, &b_known);
        Self { a: a_known, b: b_known, with_generated }
    }
}

/// The sums of a snapshot's tables, when they are over the very columns that are compared.
fn known(pair: &Pair<'_>, side: &Side, parts: &[&Holding]) -> Option<Totals> {
    side.stored()?;
    let names = || pair.shape.columns.iter().map(|column| &column.name);
    let same = |part: &&Holding| part.table.columns.iter().map(|column| &column.name).eq(names());
    if !parts.iter().all(same) {
        return None;
    }
    let mut totals = Totals::default();
    for part in parts {
        let (copied, with_generated) = (part.table.fingerprint, part.table.with_generated);
        totals.merge(&Totals { copied, with_generated });
    }
    Some(totals)
}

/// Tells what of a pair's columns is not alike, and whether what a snapshot does not hold of them is; whether all is.
pub(crate) fn alike(tables: &Tables<'_>, pair: &Pair<'_>, known: &Known, a: &Totals, b: &Totals) -> bool {
    let (teller, table) = (tables.teller, &pair.shape.table);
    for unlike in pair.unlike.iter().filter(|_| !tables.columns_told) {
        let object = format!("column {table}.{}", common::name::ident(&unlike.column));
        let side = |type_name: &Option<String>| type_name.clone().unwrap_or_else(|| "none".to_owned());
        teller.differs(&object, "type", &side(&unlike.a), &side(&unlike.b));
    }
    if pair.proved.is_empty() || a.copied != b.copied {
        return pair.unlike.is_empty();
    }
    if !known.with_generated {
        let reason = "they are generated on a side that is a snapshot, which holds no values of them";
        let columns = pair.proved.join(", ");
        teller.skipped(&format!("columns {columns} of table {table}"), reason, true);
        return pair.unlike.is_empty();
    }
    match (a.with_generated, b.with_generated) {
        (Some(ours), Some(theirs)) if ours != theirs => {
            let object = format!("generated columns of table {table}");
            teller.differs(&object, "rows", &say(&ours), &say(&theirs));
            false
        }
        _ => pair.unlike.is_empty(),
    }
}

pub(crate) fn say(fingerprint: &Fingerprint) -> String {
    format!("{} rows, {} bytes, {:032x}", fingerprint.rows, fingerprint.bytes, fingerprint.sum)
}
