//! Compares what is not rows of tables: tables that one side lacks, sequences, materialised views.

use super::pairs::{Pair, Pairs, What};
use super::sheet::{Holding, Sheet};
use super::side::Side;
use super::source::{encoding, sequence_states};
use super::sums::say;
use super::tell::Teller;
use crate::diff::{Column, Shape};
use crate::records::{Table, Verdict};
use common::error::{Context as _, Result};
use common::format::fingerprint::Fingerprint;
use common::format::manifest::{self, MaterializedView};
use common::name::{QualifiedName, literal};
use common::proof::read;
use common::records::Warning;
use std::collections::BTreeSet;

/// Tells of what can't be compared.
pub(crate) fn skips(teller: &Teller<'_>, a: &Side, b: &Side) {
    for skip in a.sheet().skips.iter().chain(&b.sheet().skips) {
        teller.skipped(&skip.object, &skip.reason, skip.counts);
    }
}

/// Tells of tables that one side lacks.
pub(crate) fn alone(teller: &Teller<'_>, pairs: &Pairs<'_>) {
    for (holdings, verdict) in [(&pairs.only_a, Verdict::OnlyA), (&pairs.only_b, Verdict::OnlyB)] {
        for holding in holdings {
            let mut table = Table::new(&holding.table.qualified(), verdict);
            let rows = holding.table.fingerprint.rows;
            if !holding.table.segments.is_empty() {
                *(if verdict == Verdict::OnlyA { &mut table.a_rows } else { &mut table.b_rows }) = Some(rows);
            }
            teller.table(&table);
        }
    }
}

/// What of two sets of names is on both sides; tells of the others, unless the comparison of the schemas does.
fn shared<'a, T, U>(
    teller: Option<&Teller<'_>>,
    kind: &str,
    a: &'a std::collections::BTreeMap<QualifiedName, T>,
    b: &std::collections::BTreeMap<QualifiedName, U>,
    skipped: impl Fn(&QualifiedName) -> bool,
) -> Vec<&'a QualifiedName> {
    let all: BTreeSet<&QualifiedName> = a.keys().chain(b.keys()).collect();
    for name in all {
        let (here, there) = (a.contains_key(name), b.contains_key(name));
        if let Some(teller) = teller
            && here != there
            && !skipped(name)
        {
            let word = |there| if there { "present" } else { "none" };
            teller.differs(&format!("{kind} {name}"), "presence", word(here), word(there));
        }
    }
    a.keys().filter(|name| b.contains_key(name)).collect()
}

/// Compares sequences.
pub(crate) fn sequences(teller: &Teller<'_>, a: &Side, b: &Side, presence_told: bool) -> Result<()> {
    let skipped = |name: &QualifiedName| is_skipped(a.sheet(), b.sheet(), &format!("sequence {name}"));
    let both = shared(
        Some(teller).filter(|_| !presence_told),
        "sequence",
        &a.sheet().sequences,
        &b.sheet().sequences,
        skipped,
    );
    let names: Vec<QualifiedName> = both.into_iter().cloned().collect();
    let (ours, theirs) = (sequence_states(a, &names)?, sequence_states(b, &names)?);
    let state = |sequence: Option<&manifest::Sequence>| match sequence {
        Some(sequence) if sequence.is_called => format!("{}, called", sequence.last_value),
        Some(sequence) => format!("{}, not called", sequence.last_value),
        None => "not read".to_owned(),
    };
    for name in &names {
        let (here, there) = (ours.get(name), theirs.get(name));
        if here.is_none() || here != there {
            if let (Some(script), Some(here)) = (teller.script(), here) {
                script.sequence(here);
            }
            teller.differs(&format!("sequence {name}"), "state", &state(here), &state(there));
        }
        teller.tally().sequences += 1;
    }
    Ok(())
}

fn is_skipped(a: &Sheet, b: &Sheet, object: &str) -> bool {
    a.skips.iter().chain(&b.skips).any(|skip| skip.object == object)
}

/// Materialised views of two live sides, to be compared as tables are; tells of the rest.
pub(crate) fn matviews<'a>(
    teller: &Teller<'_>,
    a: &'a Side,
    b: &'a Side,
    holdings: &'a [(Holding, Holding)],
    presence_told: bool,
) -> Result<Vec<Pair<'a>>> {
    let (ours, theirs) = (&a.sheet().matviews, &b.sheet().matviews);
    let skipped =
        |name: &QualifiedName| is_skipped(a.sheet(), b.sheet(), &format!("materialized view {name}"));
    let mut pairs = Vec::new();
    for name in shared(Some(teller).filter(|_| !presence_told), "materialized view", ours, theirs, skipped) {
        let (Some(here), Some(there)) = (ours.get(name), theirs.get(name)) else { continue };
        teller.tally().matviews += 1;
        if here.populated != there.populated {
            let word = |filled| if filled { "filled" } else { "not filled" };
            let object = format!("materialized view {name}");
            teller.differs(&object, "rows", word(here.populated), word(there.populated));
            continue;
        }
        if !here.populated {
            continue;
        }
        let own = holdings.iter().find(|(holding, _)| holding.table.qualified() == *name);
        match own {
            Some((here, there)) => pairs.push(view(here, there)),
            None => derived(teller, (a, here), (b, there))?,
        }
    }
    Ok(pairs)
}

/// Materialised views that both live sides have, as if they were tables.
pub(crate) fn as_holdings(a: &Side, b: &Side) -> Vec<(Holding, Holding)> {
    if a.live().is_none() || b.live().is_none() {
        return Vec::new();
    }
    let holding = |view: &MaterializedView| Holding {
        table: manifest::Table {
            schema: view.schema.clone(),
            name: view.name.clone(),
            columns: view.columns.clone(),
            ..manifest::Table::default()
        },
        ..Holding::default()
    };
    let theirs = &b.sheet().matviews;
    let both = a.sheet().matviews.iter().filter_map(|(name, here)| Some((here, theirs.get(name)?)));
    both.map(|(here, there)| (holding(here), holding(there))).collect()
}

/// A materialised view on both sides, as if it were a table.
pub(crate) fn view<'a>(a: &'a Holding, b: &'a Holding) -> Pair<'a> {
    let shape = shape(&a.table.qualified(), a, b);
    Pair { what: What::Matview, shape, a: vec![a], b: vec![b], proved: Vec::new(), unlike: Vec::new() }
}

fn shape(name: &QualifiedName, a: &Holding, b: &Holding) -> Shape {
    let columns = a.table.columns.iter().filter_map(|column| {
        let other = b.table.columns.iter().find(|other| other.name == column.name)?;
        Some(Column {
            name: column.name.clone(),
            a_type: column.type_name.clone(),
            b_type: other.type_name.clone(),
        })
    });
    Shape { table: name.clone(), columns: columns.collect(), key: Vec::new() }
}

/// A snapshot holds no rows of materialised views, only what they add up to: a restore makes them again from the tables. So
/// one that differs was stale on a side, or its query has no fixed answer: a warning.
fn derived(teller: &Teller<'_>, a: (&Side, &MaterializedView), b: (&Side, &MaterializedView)) -> Result<()> {
    let ((a_side, here), (b_side, there)) = (a, b);
    let name = QualifiedName::new(&here.schema, &here.name);
    let sum = |side: &Side,
               other: &Side,
               view: &MaterializedView,
               columns: &MaterializedView|
     -> Result<Option<Fingerprint>> {
        match side {
            Side::Stored(_) => Ok(view.fingerprint),
            Side::Live(live) => {
                let mut session = live.join()?;
                let sql = format!(
                    "COPY (SELECT {} FROM {name}) TO STDOUT WITH (ENCODING {})",
                    read::list(columns.columns.iter()),
                    literal(&encoding(side, other))
                );
                let totals = read::rows(&mut session, &sql, None, |_, _| Ok(()));
                Ok(Some(totals.context(|| format!("cannot read materialized view {name}"))?.copied))
            }
        }
    };
    let object = format!("materialized view {name}");
    let columns = |view: &MaterializedView| {
        let mut all: Vec<_> = view.columns.iter().map(|column| (&column.name, &column.type_name)).collect();
        all.sort_unstable();
        all.iter().map(|(name, kind)| format!("{name} {kind}")).collect::<Vec<_>>().join(", ")
    };
    if columns(here) != columns(there) {
        teller.differs(&object, "columns", &columns(here), &columns(there));
        return Ok(());
    }
    // In the order of the side whose sum is known already.
    let order = if a_side.stored().is_some() { here } else { there };
    let (ours, theirs) = (sum(a_side, b_side, here, order)?, sum(b_side, a_side, there, order)?);
    if let (Some(ours), Some(theirs)) = (ours, theirs)
        && ours != theirs
    {
        let message = format!(
            "{object} differs: {} on side A, {} on side B; its rows follow from the tables, and are made again by a restore",
            say(&ours),
            say(&theirs)
        );
        teller.warn(&Warning::new("matview_differs", message).object(&object));
    }
    Ok(())
}
