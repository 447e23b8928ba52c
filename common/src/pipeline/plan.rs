//! What will be copied, and in which pieces.

use crate::error::Result;
use crate::format::manifest::{Column, MaterializedView, Table};
use crate::name::QualifiedName;
use crate::pg::catalog::{self, Relation};
use crate::pg::session::Session;
use crate::pg::snapshot::View;
use crate::pipeline::observer::{Fact, Observer};
use crate::proof::read::{Pages, copy_in};
use std::collections::HashMap;
use std::fmt::Write as _;

/// Pages of a segment: 32 MiB of 8 KiB pages. Segments begin at multiples of it, whoever reads them.
pub(super) const SEGMENT_PAGES: u64 = 4096;

/// The first version whose servers read a range of pages without reading the whole table.
const TID_RANGE_SCAN: u32 = 140_000;

/// A table to be read.
pub(super) struct TablePlan {
    pub(super) oid: u32,
    pub(super) table: Table,
    /// Its segments; `None` is the whole table at once.
    pub(super) segments: Vec<Option<Pages>>,
    /// Bytes on disk.
    pub(super) bytes: u64,
}

/// Everything to be read.
pub(super) struct Plan {
    pub(super) tables: Vec<TablePlan>,
    pub(super) sequences: Vec<QualifiedName>,
    pub(super) matviews: Vec<MaterializedView>,
}

/// What the plan needs to know of the source.
pub(super) struct Facts<'a> {
    pub(super) version: u32,
    pub(super) encoding: &'a str,
    pub(super) page_bytes: u64,
    pub(super) standby: bool,
    pub(super) no_unlogged: bool,
}

impl Plan {
    pub(super) fn make(
        session: &mut Session,
        view: &View,
        facts: &Facts<'_>,
        observer: &dyn Observer,
    ) -> Result<Self> {
        let mut columns = catalog::columns(session)?;
        let types = catalog::types(session)?;
        let roots = catalog::partition_roots(session)?;
        let mut plan = Self { tables: Vec::new(), sequences: Vec::new(), matviews: Vec::new() };
        let mut matviews = HashMap::new();
        let mut order = Vec::new();
        let wanted = view.chosen.of(&view.relations);
        for relation in &view.relations {
            if !wanted.contains(&relation.oid) {
                note_member(relation, view, observer);
                continue;
            }
            let known = columns.remove(&relation.oid).unwrap_or_default();
            match relation.kind {
                'r' => {
                    let mut table = table(relation, known, &types);
                    table.load_through = roots.get(&relation.oid).cloned();
                    table.copy = copy_in(&table, facts.encoding, "");
                    table.pages = relation.main_bytes.div_ceil(facts.page_bytes);
                    table.left_out = left_out(relation, view, facts);
                    if let Some(reason) = &table.left_out {
                        skip(observer, relation, reason);
                    }
                    let segments =
                        if table.left_out.is_some() { Vec::new() } else { segments(relation, &table, facts) };
                    plan.tables.push(TablePlan {
                        oid: relation.oid,
                        table,
                        segments,
                        bytes: relation.main_bytes + relation.toast_bytes,
                    });
                }
                'S' => {
                    plan.sequences.push(relation.name.clone());
                }
                'm' => {
                    order.push(relation.oid);
                    matviews.insert(relation.oid, matview(relation, known));
                }
                'f' => skip(observer, relation, "a foreign table's rows are not in this database"),
                _ => {}
            }
        }
        plan.order_configuration(session)?;
        for oid in catalog::matview_order(session, &order)? {
            plan.matviews.extend(matviews.remove(&oid));
        }
        Ok(plan)
    }

    /// Extensions make their tables with foreign keys in place, so their order counts: they come first, in that order.
    fn order_configuration(&mut self, session: &mut Session) -> Result<()> {
        let (configuration, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.tables).into_iter().partition(|plan| plan.table.extension.is_some());
        let oids: Vec<u32> = configuration.iter().map(|plan| plan.oid).collect();
        let order = catalog::reference_order(session, &oids)?;
        self.tables = configuration;
        self.tables.sort_by_key(|plan| order.iter().position(|oid| *oid == plan.oid));
        self.tables.extend(others);
        Ok(())
    }

    /// Bytes on disk of all that will be read.
    pub(super) fn bytes(&self) -> u64 {
        self.tables.iter().filter(|plan| !plan.segments.is_empty()).map(|plan| plan.bytes).sum()
    }
}

fn table(relation: &Relation, known: Vec<catalog::Known>, types: &str) -> Table {
    let mut definition = String::new();
    let own_types = known.iter().any(|known| !known.builtin);
    let mut table = Table {
        schema: relation.name.schema.clone(),
        name: relation.name.name.clone(),
        owner: relation.owner.clone(),
        relfilenode: Some(relation.filenode).filter(|&node| node != 0),
        extension: relation.extension.clone(),
        condition: Some(relation.condition.clone()).filter(|condition| !condition.is_empty()),
        ..Table::default()
    };
    for known in known {
        let Column { name, type_name } = &known.column;
        // Writing to a string does not fail.
        let _ = writeln!(definition, "{name:?} {type_name} {}", known.generated);
        if known.generated { table.generated.push(known.column) } else { table.columns.push(known.column) }
    }
    if own_types {
        definition.push_str(types);
    }
    table.definition = blake3::hash(definition.as_bytes()).to_hex().chars().take(32).collect();
    table
}

fn matview(relation: &Relation, known: Vec<catalog::Known>) -> MaterializedView {
    MaterializedView {
        schema: relation.name.schema.clone(),
        name: relation.name.name.clone(),
        populated: relation.populated,
        columns: known.into_iter().map(|known| known.column).collect(),
        fingerprint: None,
    }
}

fn segments(relation: &Relation, table: &Table, facts: &Facts<'_>) -> Vec<Option<Pages>> {
    let divisible = relation.heap && facts.version >= TID_RANGE_SCAN && table.condition.is_none();
    if !divisible || table.pages <= SEGMENT_PAGES {
        return vec![None];
    }
    let count = table.pages.div_ceil(SEGMENT_PAGES);
    let pages = |number: u64| Pages {
        first: number * SEGMENT_PAGES,
        end: (number + 1 < count).then_some((number + 1) * SEGMENT_PAGES),
    };
    (0..count).map(|number| Some(pages(number))).collect()
}

fn left_out(relation: &Relation, view: &View, facts: &Facts<'_>) -> Option<String> {
    if view.chosen.leaves_out_rows(relation) {
        return Some("--exclude-table-data".to_owned());
    }
    (relation.unlogged && (facts.no_unlogged || facts.standby)).then(|| {
        if facts.no_unlogged {
            "--no-unlogged-table-data".to_owned()
        } else {
            "an unlogged table has no rows on a standby".to_owned()
        }
    })
}

/// Rows of an extension's own tables are made again by the extension, as far as it makes them.
fn note_member(relation: &Relation, view: &View, observer: &dyn Observer) {
    if relation.kind == 'r'
        && relation.main_bytes > 0
        && view.chosen.is_everything()
        && let Some(extension) = relation.extension.as_ref().filter(|_| !relation.configuration)
    {
        let why = format!("it belongs to extension {extension}, which does not declare it as configuration");
        skip(observer, relation, &why);
    }
}

fn skip(observer: &dyn Observer, relation: &Relation, reason: &str) {
    observer.note(Fact::Skipped { object: relation.name.to_string(), reason: reason.to_owned() });
}
